//! A `redis-server` of the test's own, on a free port of this machine, gone with the test.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, OnceLock};
use std::time::{Duration, Instant};

use redis::{Client, Connection, FromRedisValue};
use tempfile::TempDir;

pub(crate) const MISSING: &str = "there is no `redis-server` here";

/// For a server to start, to end, or to notice something; far more than it takes.
const PATIENCE: Duration = Duration::from_secs(30);

static SHARED: LazyLock<Mutex<Option<Server>>> =
    LazyLock::new(|| Mutex::new(Some(Server::start(&[]))));
static STARTED: OnceLock<u16> = OnceLock::new();

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

pub(crate) fn is_installed() -> bool {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| {
        let mut command = Command::new("redis-server");
        command.arg("--version").stdout(Stdio::null()).status().is_ok()
    });
    *INSTALLED
}

/// The URL of the one that tests share, each with a prefix of its own.
pub(crate) fn shared_url() -> String {
    let port = STARTED.get_or_init(|| SHARED.lock().unwrap().as_ref().unwrap().port);
    format!("redis://127.0.0.1:{port}/0")
}

pub(crate) fn stop_shared() {
    if STARTED.get().is_some() {
        drop(SHARED.lock().unwrap().take());
    }
}

/// Takes time away from all values behind a prefix in the shared server.
pub(crate) fn shorten(prefix: &str, time: Duration) {
    let script = r"
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[2]) end
end";
    let mut connection = Client::open(shared_url()).unwrap().get_connection().unwrap();
    let mut shorten = redis::cmd("EVAL");
    shorten.arg(script).arg(0).arg(prefix).arg(time.as_millis() as u64);
    shorten.exec(&mut connection).unwrap();
}

impl Server {
    /// One that keeps nothing on the disk, with more arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let port = free_port();
            let child = spawn(port, folder.path(), &arguments);
            let mut server = Self { child, port, arguments: arguments.clone(), folder };
            if server.answers() {
                return server;
            }
        }
        panic!("no `redis-server` would start");
    }

    /// One that runs as a Sentinel from a configuration file.
    pub(crate) fn sentinel(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, configuration).unwrap();
        Self::start(&[file.to_str().unwrap(), "--sentinel"])
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Asks it something, past the store.
    pub(crate) fn say<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split(' ');
        let mut cmd = redis::cmd(words.next().unwrap());
        words.for_each(|word| {
            cmd.arg(word);
        });
        cmd.query(&mut self.connection().unwrap()).unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// After [`Server::kill`]: a new one, empty, on the same port.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(self.port, self.folder.path(), &self.arguments);
        assert!(self.answers(), "the server did not start again");
    }

    /// Stops it without its clients noticing, or lets it go on.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn connection(&self) -> redis::RedisResult<Connection> {
        Client::open(self.url())?.get_connection_with_timeout(PATIENCE)
    }

    /// Waits until it does; `false` if it ended.
    fn answers(&mut self) -> bool {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let pong = self.connection().and_then(|mut one| redis::cmd("PING").exec(&mut one));
            match (pong, self.child.try_wait().unwrap()) {
                (_, Some(_)) => return false,
                (Ok(()), None) => return true,
                // It wants a password.
                (Err(error), None) if !error.is_io_error() => return true,
                (Err(_), None) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, folder: &std::path::Path, arguments: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    // A configuration file, if there is one, comes first.
    command.args(arguments);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    if !arguments.iter().any(|one| one == "--sentinel") {
        command.args(["--save", "", "--appendonly", "no"]);
    }
    command.args(["--dir", folder.to_str().unwrap()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something is so, with a bound that only a fault reaches.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "not so in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
