//! The Caddyfile of the repository, with a real Caddy, where there is one.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wxbot_tests::http;

use super::super::{in_mode, wxbot};
use super::{at, doctored, found, of_status};

/// Caddy in front of a bot, until it is dropped.
struct Caddy {
    process: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Caddy {
    /// `None` where it is not installed.
    fn before(bot: SocketAddr) -> Option<Self> {
        let folder = TempDir::new().expect("there is room for a folder");
        let log = File::create(folder.path().join("log")).expect("the folder can be written");
        let address = free();
        let mut caddy = caddy(folder.path());
        caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(caddyfile());
        caddy.env("WXBOT_SITE", format!("http://{address}")).env("WXBOT_UPSTREAM", bot.to_string());
        let process = caddy.stdout(Stdio::null()).stderr(log).spawn().ok()?;
        let mut caddy = Self { process, folder, address };
        caddy.wait();
        Some(caddy)
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(self.address).is_err() {
            let ended = self.process.try_wait().expect("it can be waited for");
            assert!(ended.is_none() && Instant::now() < deadline, "{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("it is UTF-8")
    }
}

impl Drop for Caddy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn caddyfile() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/Caddyfile")
}

/// With nothing of this user's own: neither certificates nor the port of its API.
fn caddy(folder: &Path) -> Command {
    let mut caddy = Command::new("caddy");
    caddy.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    caddy.env("CADDY_ADMIN", format!("unix/{}", folder.join("admin").display()));
    caddy
}

/// Nobody listens there; what takes it in between makes Caddy say so.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    listener.local_addr().expect("it is bound")
}

fn skipped() {
    let required = std::env::var_os("WXBOT_REQUIRE_CADDY").is_some();
    assert!(!required, "caddy can't be run");
    eprintln!("skipped: there is no caddy here");
}

#[test]
fn a_bot_behind_caddy_has_no_fault_and_no_query_is_logged() {
    let bot = in_mode("safe").serve(&["run"]);
    let Some(caddy) = Caddy::before(bot.endpoint) else { return skipped() };
    let findings = found(&wxbot().with_config(&doctored("safe", &at(caddy.address))));
    assert!(of_status(&findings, "fault").is_empty(), "{findings:#}\n{}", caddy.log());
    let good = of_status(&findings, "good");
    for check in ["handshake", "slow", "message", "forged"] {
        assert!(good.iter().any(|one| one["check"] == check), "{check}: {findings:#}");
    }
    assert_eq!(http::get(caddy.address, "/healthz").status, 404, "nothing else is passed");

    // While the bot is away, Caddy logs what it could not pass on.
    bot.stop().exits(0);
    let query = "/wechat?signature=CANARY&openid=oCANARY";
    assert_eq!(http::get(caddy.address, query).status, 502);
    let log = caddy.log();
    assert!(log.contains("connection refused"), "{log}");
    assert!(!log.contains("CANARY"), "{log}");
}

#[test]
fn the_caddyfile_is_valid_as_it_stands() {
    let folder = TempDir::new().expect("there is room for a folder");
    let mut caddy = caddy(folder.path());
    caddy.args(["validate", "--adapter", "caddyfile", "--config"]).arg(caddyfile());
    let Ok(ran) = caddy.output() else { return skipped() };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
