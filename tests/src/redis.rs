//! A `redis-server` of the test's own, on a free port of this machine, gone with the test.

#![allow(clippy::unwrap_used)] // what surprises a helper is a failed test

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use libtest_mimic::{Completion, Failed, Trial};
use redis::{Client, Connection, FromRedisValue};
use tempfile::TempDir;

const MISSING: &str = "there is no `redis-server` here";

/// For a server to start, to end, or to notice something; far more than it takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub struct Server {
    child: Child,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

/// A test that needs a `redis-server`: without the program it is listed as ignored, or fails where
/// `WXBOT_REQUIRE_REDIS=1`.
pub fn trial(name: impl Into<String>, run: impl Fn() + Send + 'static) -> Trial {
    let required = std::env::var_os("WXBOT_REQUIRE_REDIS").is_some();
    match (is_installed(), required) {
        (true, _) => plain_trial(name, run),
        (false, true) => Trial::test(name, || Err(Failed::from(MISSING))),
        (false, false) => Trial::ignorable_test(name, || Ok(Completion::ignored_with(MISSING))),
    }
}

/// A test that needs nothing.
pub fn plain_trial(name: impl Into<String>, run: impl Fn() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}

fn is_installed() -> bool {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| {
        let mut command = Command::new("redis-server");
        command.arg("--version").stdout(Stdio::null()).status().is_ok()
    });
    *INSTALLED
}

impl Server {
    /// One that keeps nothing on the disk, with more arguments.
    pub fn start(arguments: &[&str]) -> Self {
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
    pub fn sentinel(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, configuration).unwrap();
        Self::start(&[file.to_str().unwrap(), "--sentinel"])
    }

    /// Of its first database.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Asks it something, past the store.
    pub fn say<T: FromRedisValue>(&self, words: &str) -> T {
        let mut words = words.split(' ');
        let mut cmd = redis::cmd(words.next().unwrap());
        words.for_each(|word| {
            cmd.arg(word);
        });
        cmd.query(&mut self.connection().unwrap()).unwrap()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// After [`Server::kill`]: a new one, empty, on the same port.
    pub fn restart(&mut self) {
        self.child = spawn(self.port, self.folder.path(), &self.arguments);
        assert!(self.answers(), "the server did not start again");
    }

    /// Stops it without its clients noticing, or lets it go on.
    pub fn signal(&self, name: &str) {
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

/// A port that nobody listens on.
///
/// Not one of those that the system gives to outgoing connections, which other tests make by the
/// thousand: it might be gone before it is bound. Redis Cluster takes the port 10,000 above, too.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = rand::random_range(10_000..22_000);
        let is_free = TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_free && GIVEN.lock().unwrap().insert(port) {
            return port;
        }
    }
}

/// Waits until something is so, with a bound that only a fault reaches.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < PATIENCE, "not so in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
