//! A process that is told to stop does so, whatever hangs in it.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
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
    let _asking = ask(serving.endpoint);
    serving.wait_for("the hog has the thread");
    serving.signal(Signal::TERM);
    let ran = serving.end_within(KILLED_AFTER).exits(1);
    ran.says(&["stopped in the middle, as it took too long"]);
}

/// Each plugin is told to stop, and one that does not is left behind.
pub(crate) fn plugins() {
    let background = |id: &str| {
        format!("[[chain]]\nid = '{id}s'\nplugin = 'background'\n[chain.config]\nstop = '{id}'\n")
    };
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\nworkers = 1\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\ntoken = '{TOKEN}'\n{}{}[[chain]]\nplugin = 'diary'\n\
         [chain.config]\nfile = 'diary'\n",
        background("hang"),
        background("block")
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let serving = program.serve(&["run"]);
    serving.signal(Signal::TERM);
    let ran = serving.end_within(KILLED_AFTER).exits(0);
    for link in ["hangs", "blocks"] {
        let is_of = |line: &str| line.contains("did not stop properly") && line.contains(link);
        assert_eq!(ran.stderr.lines().filter(|line| is_of(line)).count(), 1, "{}", ran.stderr);
    }
    assert_eq!(program.read("diary"), "stopped\n");
}

/// What is cut off begins again with the next process: that is no reason for an alarm.
pub(crate) fn without_alarm_about_what_begins_again() {
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\n[console]\nlisten = '127.0.0.1:0'\n\
         [store]\nurl = 'file:.'\n[[account]]\ntoken = '{TOKEN}'\n[[chain]]\nplugin = 'exec'\n\
         [chain.config]\ntime_limit = '50s'\n\
         command = ['sh', '-c', 'while read line; do echo asked >&2; done']\n"
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let program = program.with_variable("PATH", env!("PATH"));
    let mut serving = program.serve(&["run"]);
    let asking = ask(serving.endpoint);
    serving.wait_for("asked");
    drop(asking);
    let ran = serving.stop().exits(0);
    assert!(!ran.stderr.contains("ERROR"), "{}", ran.stderr);
}

/// A follower's message whose answer is waited for.
fn ask(endpoint: SocketAddr) -> TcpStream {
    let mut asking = http::connect(endpoint).unwrap();
    let (query, body) = (Sender::default().query(), text("hello"));
    let head = format!("POST /wechat?{query} HTTP/1.1\r\nHost: wxbot\r\n");
    let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
    asking.write_all(format!("{head}{body}").as_bytes()).unwrap();
    asking
}
