//! A process that is told to stop does so, whatever hangs in it.

use std::io::Write;
use std::time::Duration;

use rustix::process::Signal;
use wxbot_tests::http;
use wxbot_tests::program::Program;
use wxbot_tests::wechat::{Sender, TOKEN, text};

/// systemd, Docker and the like kill after 15 s, as `crates/app/deploy` tells them.
const KILLED_AFTER: Duration = Duration::from_secs(15);

pub(crate) fn within_its_bound() {
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\ntoken = '{TOKEN}'\n[[chain]]\nplugin = 'hog'\n"
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let mut serving = program.serve(&["run"]);
    let mut asking = http::connect(serving.endpoint).unwrap();
    let (query, body) = (Sender::default().query(), text("hello"));
    let head = format!("POST /wechat?{query} HTTP/1.1\r\nHost: wxbot\r\n");
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    asking.write_all(format!("{head}{body}").as_bytes()).unwrap();
    serving.wait_for("the hog has the thread");
    serving.signal(Signal::TERM);
    let ran = serving.end_within(KILLED_AFTER).exits(1);
    ran.says(&["stopped in the middle, as it took too long"]);
}
