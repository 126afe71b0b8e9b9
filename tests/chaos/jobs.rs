//! A process that is killed while a job waits, and while it is done: the next one does it, and once.

use std::thread;
use std::time::{Duration, Instant};

use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::redis::Server;
use wxbot_tests::wechat::{Sender, TOKEN, element, text_from};

/// A lease lasts half a minute; then somebody else takes over.
const PATIENCE: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

pub(crate) fn on_a_file() {
    survive("file:store");
}

pub(crate) fn on_redis() {
    survive(&Server::start(&[]).url());
}

fn survive(store: &str) {
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:0'\n\
         [store]\nurl = '{store}'\n[[account]]\ntoken = '{TOKEN}'\n\
         [[chain]]\nplugin = 'diary'\n[chain.config]\nfile = 'diary'\n"
    ));
    let serving = program.serve(&["run"]);
    assert_eq!(answer(&serving, "in 3 tea"), "added", "{store}");
    assert_eq!(answer(&serving, "in 3 behind-gate"), "added", "{store}");
    serving.kill();
    let mut serving = program.serve(&["run"]);
    serving.wait_for("behind-gate is being done");
    wait_for_jobs(&serving, 1);
    serving.kill();
    program.write("gate", "");
    let serving = program.serve(&["run"]);
    wait_for_jobs(&serving, 0);
    serving.stop().exits(0);
    let diary = program.read("diary");
    assert_eq!(diary, "tea\nbehind-gate\nstopped\n", "each once, {store}");
}

/// Until so many are not done yet.
#[track_caller]
fn wait_for_jobs(serving: &Serving, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let body = http::get(serving.operator, "/jobs").body;
        let jobs: Vec<serde_json::Value> = serde_json::from_str(&body).expect(&body);
        if jobs.len() == count {
            return;
        }
        assert!(Instant::now() < deadline, "{body}");
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn answer(serving: &Serving, said: &str) -> String {
    let path = format!("/wechat?{}", Sender::default().query());
    let response = http::post(serving.endpoint, &path, text_from("oALICE", said));
    element(&response.body, "Content").unwrap_or(response.body)
}
