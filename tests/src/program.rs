//! The program `wxbot` as an operator runs it: a folder, a command line, three streams, signals.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than the program may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a folder of its own, with an environment of its own.
pub struct Program {
    program: PathBuf,
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Talk.
    pub stderr: String,
}

impl Program {
    /// This program in an empty folder.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let folder = TempDir::new().expect("there is a folder for what is temporary");
        Self { program: program.into(), folder, environment: Vec::new() }
    }

    /// With this `bot.toml`.
    pub fn with_config(self, config: &str) -> Self {
        self.with_file("bot.toml", config)
    }

    /// With this file.
    pub fn with_file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(name, content);
        self
    }

    /// With this environment variable.
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the folder anew.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).expect("the folder can be written");
    }

    /// What is in a file of the folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("the file is there")
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        self.run_with_input(arguments, "")
    }

    /// Runs a command to its end, with this on standard input.
    #[track_caller]
    pub fn run_with_input<A: AsRef<OsStr>>(&self, arguments: &[A], input: &str) -> Ran {
        let mut child = self.spawn(arguments);
        let mut stdin = child.stdin.take().expect("standard input is piped");
        // A command that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }

    /// Starts the server and waits until it is ready.
    #[track_caller]
    pub fn serve<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Serving {
        let (mut serving, ready) = self.start(arguments);
        serving.endpoint = address(&ready, "endpoint");
        serving.operator = address(&ready, "console");
        serving
    }

    /// Starts a simulated WeChat and waits until it is ready; `endpoint` is where it is.
    #[track_caller]
    pub fn simulate<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Serving {
        let (mut serving, ready) = self.start(arguments);
        serving.endpoint = address(&ready, "address");
        serving
    }

    /// Starts what serves, and its line that says that it is ready.
    #[track_caller]
    fn start<A: AsRef<OsStr>>(&self, arguments: &[A]) -> (Serving, String) {
        let mut child = self.spawn(arguments);
        let mut stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let stdout = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).expect("stdout is UTF-8");
            text
        });
        let (said, lines) = mpsc::channel();
        let unread = Arc::new(AtomicBool::new(false));
        let is_unread = Arc::clone(&unread);
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stderr).split(b'\n');
            for line in lines.map(|line| line.expect("stderr can be read")) {
                let line = String::from_utf8(line).expect("stderr is UTF-8");
                let _ = said.send(line);
                while is_unread.load(Ordering::SeqCst) {
                    thread::park();
                }
            }
        });
        let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let (endpoint, operator) = (anywhere, anywhere);
        let mut serving = Serving {
            child,
            stdout: Some(stdout),
            lines,
            unread,
            reader,
            log: Vec::new(),
            endpoint,
            operator,
        };
        let ready = serving.wait_for("ready");
        (serving, ready)
    }

    #[track_caller]
    fn spawn<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Child {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program can be started")
    }
}

impl Ran {
    /// Expects this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Expects exactly this on stdout.
    #[track_caller]
    pub fn prints(self, stdout: &str) -> Self {
        assert_eq!(self.stdout, stdout, "{self:#?}");
        self
    }

    /// Expects all of this somewhere on stderr.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in\n{}", self.stderr);
        }
        self
    }

    /// Expects nothing on stderr.
    #[track_caller]
    pub fn says_nothing(self) -> Self {
        assert_eq!(self.stderr, "", "{self:#?}");
        self
    }
}

/// The program while it serves. Killed at the end of the test, unless it ended before.
pub struct Serving {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    lines: Receiver<String>,
    /// Nobody reads stderr now.
    unread: Arc<AtomicBool>,
    reader: JoinHandle<()>,
    log: Vec<String>,
    /// Where WeChat calls.
    pub endpoint: SocketAddr,
    /// Where the operator looks.
    pub operator: SocketAddr,
}

impl Serving {
    /// Waits for a log line with this in it.
    #[track_caller]
    pub fn wait_for(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line has {part:?}:\n{}", self.log.join("\n"));
            };
            self.log.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program runs");
    }

    /// Waits for its end, and for everything it says until then.
    #[track_caller]
    pub fn end_within(mut self, limit: Duration) -> Ran {
        let deadline = Instant::now() + limit;
        while let Ok(line) =
            self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.log.push(line);
        }
        assert!(Instant::now() < deadline, "it still runs:\n{}", self.log.join("\n"));
        let status = self.child.wait().expect("the program ends");
        let stdout = self.stdout.take().expect("it ends once").join().expect("stdout was read");
        let stderr = self.log.iter().map(|line| format!("{line}\n")).collect();
        Ran { code: status.code(), stdout, stderr }
    }

    /// Leaves stderr unread from the next line on, as a log collector that hangs does.
    pub fn stop_reading(&self) {
        self.unread.store(true, Ordering::SeqCst);
    }

    /// Reads stderr again.
    pub fn read_on(&self) {
        self.unread.store(false, Ordering::SeqCst);
        self.reader.thread().unpark();
    }

    /// Waits for its end while nobody reads what it says; its exit code.
    #[track_caller]
    pub fn end_unread_within(&mut self, limit: Duration) -> Option<i32> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("the program can be waited for") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it still runs after {limit:?}");
    }

    /// All log lines so far.
    pub fn log(&mut self) -> &[String] {
        self.log.extend(self.lines.try_iter());
        &self.log
    }

    /// SIGKILL: it has no last word. What it had logged until then.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ends");
        self.log.extend(self.lines.iter());
        std::mem::take(&mut self.log)
    }

    /// SIGTERM, and its end.
    #[track_caller]
    pub fn stop(self) -> Ran {
        self.signal(Signal::TERM);
        self.end_within(Duration::from_secs(10))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.read_on();
    }
}

/// `"endpoint":"127.0.0.1:80"` in JSON, `endpoint=127.0.0.1:80` in text.
#[track_caller]
fn address(line: &str, field: &str) -> SocketAddr {
    let (_, rest) = line.split_once(field).unwrap_or_else(|| panic!("no {field} in {line}"));
    let address = rest.trim_start_matches(['"', ':', '=']);
    let end = address.find(|c: char| c != ':' && c != '.' && !c.is_ascii_digit());
    address[..end.unwrap_or(address.len())].parse().expect("it is an address")
}
