//! `wxbot health`: as a supervisor asks, also inside the root of the container image.

use std::path::Path;
use std::process::{Command, Output};

use wxbot_tests::bot::account;
use wxbot_tests::redis::free_port;

use super::{LISTEN, wxbot};

/// A bot whose console is where the configuration says.
fn config(store: &str) -> String {
    let console = format!("[console]\nlisten = '127.0.0.1:{}'", free_port());
    let listen = LISTEN.replace("[console]\nlisten = '127.0.0.1:0'", &console);
    format!("{listen}[store]\nurl = '{store}'\n{}[[chain]]\nplugin = 'echo'\n", account("plain"))
}

#[test]
fn a_bot_that_serves_is_healthy_and_none_is_not() {
    let program = wxbot().with_config(&config("memory:"));
    program.run(&["health"]).exits(1).prints("").says(&["no wxbot listens at 127.0.0.1:"]);
    let bot = program.serve(&["run"]);
    program.run(&["health"]).exits(0).prints("ready\n").says_nothing();
    bot.stop().exits(0);
    program.run(&["health"]).exits(1);
}

#[test]
fn a_bot_whose_store_is_in_trouble_is_healthy_and_says_so() {
    let nowhere = format!("redis://127.0.0.1:{}/0", free_port());
    let program = wxbot().with_config(&config(&nowhere));
    let bot = program.serve(&["run"]);
    let ran = program.run(&["health"]).exits(0);
    assert!(ran.stdout.starts_with("ready, but degraded"), "{}", ran.stdout);
    bot.stop().exits(0);
}

/// Runs a command in that root as its root; `None` where this machine lets nobody do so.
fn inside(root: &Path, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--wd=/wxbot"]).arg(format!("--root={}", root.display()));
    let ran = command.arg("/usr/local/bin/wxbot").args(arguments).env_clear().output().ok()?;
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    (!said.starts_with("unshare:")).then_some(ran)
}

/// The image is what this script makes of the program, and nothing else.
#[test]
fn the_root_of_the_image_has_all_that_the_program_needs() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/image-root");
    let folder = wxbot();
    let root = folder.folder().join("root");
    let made = Command::new(script).arg(env!("CARGO_BIN_EXE_wxbot")).arg(&root).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for part in ["wxbot/wxbot-data", "etc/passwd", "tmp"] {
        assert!(root.join(part).exists(), "{part} is missing");
    }
    std::fs::write(root.join("wxbot/bot.toml"), config("file:wxbot-data")).unwrap();
    let Some(checked) = inside(&root, &["check"]) else {
        eprintln!("skipped: nobody may change the root here");
        return;
    };
    let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
    assert!(checked.status.success() && said.starts_with("bot.toml is good"), "{said}");
    let said = inside(&root, &["say", "hello"]).expect("it went before");
    assert_eq!(String::from_utf8_lossy(&said.stdout), "hello\n");
    let health = inside(&root, &["health"]).expect("it went before");
    assert_eq!(health.status.code(), Some(1));
}
