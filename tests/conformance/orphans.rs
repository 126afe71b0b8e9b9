//! A child process ends with the program that started it, however that ends.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::{Sender, TOKEN, text};

pub(crate) fn after_sigterm() {
    let (serving, child) = serve();
    serving.stop().exits(0);
    wait_for_end(&child);
}

pub(crate) fn after_kill_9() {
    let (serving, child) = serve();
    serving.kill();
    wait_for_end(&child);
}

/// A program that serves, and the id of the process that it has asked.
fn serve() -> (Serving, String) {
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\ntoken = '{TOKEN}'\n[[chain]]\nplugin = 'exec'\n\
         config = {{ command = ['{}', 'gate'] }}\n",
        env!("CARGO_BIN_EXE_conformant-handler"),
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let mut serving = program.serve(&["--log", "json", "run"]);
    let path = format!("/wechat?{}", Sender::default().query());
    let response = http::post(serving.endpoint, &path, text("text"));
    assert!(response.body.contains("你好"), "{response:?}");
    let line = serving.wait_for("started a process");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let child = line["pid"].to_string();
    assert!(is_running(&child), "{line}");
    (serving, child)
}

fn wait_for_end(child: &str) {
    let started = Instant::now();
    while is_running(child) {
        assert!(started.elapsed() < Duration::from_secs(30), "it outlives the bot");
        thread::sleep(Duration::from_millis(20));
    }
}

/// One that has ended and is not waited for yet does not run.
fn is_running(pid: &str) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    status.is_ok_and(|status| !status.contains(") Z "))
}
