//! A server as a process: start, CPU time, memory, stop.

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::message;

/// How long a server may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it ends with this value, whatever happens.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    pub(crate) port: u16,
    /// From the start of the process to the first handshake answered.
    pub(crate) ready: Duration,
}

impl Server {
    /// Starts it and waits until it answers; what it logs goes to a file in `home`.
    pub(crate) fn start(mut command: Command, port: u16, home: &Path) -> Result<Server> {
        fs::create_dir_all(home)?;
        let log = home.join("log");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Server { child, log, port, ready: Duration::ZERO };
        let answered = server.wait_for_handshake(started);
        answered.with_context(|| format!("{command:?}; its log: {}", server.log()))?;
        server.ready = started.elapsed();
        Ok(server)
    }

    fn wait_for_handshake(&mut self, started: Instant) -> Result<()> {
        while !answers_handshake(self.port) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            ensure!(started.elapsed() < PATIENCE, "no handshake on port {}", self.port);
            sleep(Duration::from_micros(200));
        }
        Ok(())
    }

    /// The end of what it wrote to stderr.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(2_000)..]).into_owned()
    }

    /// The CPU time of all its threads so far, in user and kernel space.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the program's name in brackets, and may hold anything.
        let (_, fields) = stat.rsplit_once(") ").context("no name in /proc/PID/stat")?;
        let fields: Vec<_> = fields.split(' ').collect();
        let [user, system] = [11, 12].map(|index| fields[index].parse::<u64>());
        let seconds = (user? + system?) as f64 / rustix::param::clock_ticks_per_second() as f64;
        Ok(Duration::from_secs_f64(seconds))
    }

    /// Resident memory in MB.
    pub(crate) fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.context("no VmRSS")?.trim().trim_end_matches(" kB");
        Ok(kilobytes.parse::<f64>()? / 1024.0)
    }

    /// SIGTERM, then waits for the end.
    pub(crate) fn stop(&mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(asked.elapsed() < PATIENCE, "the server does not stop on SIGTERM");
            sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Of a server that was stopped nothing is left to kill, and these do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answers_handshake(port: u16) -> bool {
    let shake = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(message::handshake().as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    shake().is_ok_and(|answer| {
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(message::ECHOSTR)
    })
}
