//! `wxbot run`: serves until it is told to stop, and answers what is open.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use wxbot_tests::bot::account;
use wxbot_tests::http::{self, Response};
use wxbot_tests::program::Serving;
use wxbot_tests::redis::free_port;
use wxbot_tests::wechat::{Sender, element, text, text_from};

use super::{CHAIN, LISTEN, in_mode, wxbot};

fn says(to: SocketAddr, content: &str) -> Response {
    http::post(to, &format!("/wechat?{}", Sender::default().query()), text(content))
}

#[test]
fn alone_and_by_its_name_it_serves() {
    for arguments in [&[] as &[&str], &["run"]] {
        let serving = in_mode("plain").serve(arguments);
        let response = says(serving.endpoint, "price");
        assert_eq!(element(&response.body, "Content").as_deref(), Some("¥99"));
        assert_eq!(http::get(serving.operator, "/readyz").status, 200);
        serving.stop().exits(0).prints("");
    }
}

#[test]
fn what_was_seen_is_known_to_the_next_process() {
    let store = "[store]\nurl = 'file:store'\n";
    let program = wxbot().with_config(&format!("{LISTEN}{store}{}{CHAIN}", account("plain")));
    let query = format!("/wechat?{}", Sender::default().query());
    let genuine = text("price");
    let first = program.serve(&["run"]);
    let answer = http::post(first.endpoint, &query, genuine.clone()).body;
    assert_eq!(element(&answer, "Content").as_deref(), Some("¥99"));
    first.stop().exits(0);
    let second = program.serve(&["run"]);
    assert_eq!(
        http::post(second.endpoint, &query, genuine).body,
        answer,
        "as WeChat may repeat it"
    );
    let forged = http::post(second.endpoint, &query, text("something else"));
    assert_eq!(forged.status, 403, "{}", forged.body);
    second.stop().exits(0);
}

#[test]
fn logs_are_json_where_nobody_looks() {
    let serving = in_mode("plain").serve(&["run"]);
    let ran = serving.stop().exits(0);
    let lines: Vec<Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for key in ["time", "level", "target", "message"] {
        assert!(lines.iter().all(|line| line[key].is_string()), "{key}: {}", ran.stderr);
    }
    let messages: Vec<_> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    for message in ["starting", "serving an account", "in the chain", "ready", "stopped"] {
        assert!(messages.contains(&message), "{message} is not in {messages:?}");
    }
}

#[test]
fn logs_are_text_where_that_is_asked_for() {
    let serving = in_mode("plain").serve(&["--log", "text"]);
    let ran = serving.stop().exits(0);
    assert!(ran.stderr.lines().all(|line| !line.starts_with('{')), "{}", ran.stderr);
    assert!(ran.stderr.lines().any(|line| line.contains(" INFO  ready endpoint=127.0.0.1:")));
}

#[test]
fn a_port_that_is_taken_is_1_and_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (section, other) in [("server", "console"), ("console", "server")] {
        let free = free_port();
        let listen =
            format!("[{section}]\nlisten = '{address}'\n[{other}]\nlisten = '127.0.0.1:{free}'\n");
        let program = wxbot().with_config(&format!("{listen}{}{CHAIN}", account("plain")));
        let ran = program.run(&["run"]).exits(1).prints("");
        assert!(!ran.stderr.contains(&format!("127.0.0.1:{free}")), "{}", ran.stderr);
        let named = format!("can't listen on {address} (`[{section}] listen`)");
        ran.says(&[
            "error: can't listen on",
            &address,
            "in use",
            &named,
            "; another wxbot may still",
        ]);
    }
}

/// Both used to be named, taken or not.
#[test]
fn the_port_that_is_taken_is_named_alone() {
    let case = include_str!("../../../../../tests/fixtures/cases/62-port-in-use.toml");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let taken = taken.local_addr().unwrap().port().to_string();
    for (endpoint, console, section) in [(&free, &taken, "console"), (&taken, &free, "server")] {
        let config = case.replace("{FREE}", endpoint).replace("{TAKEN}", console);
        let ran = wxbot().with_config(&config).run(&["run"]).exits(1).prints("");
        let error = ran.stderr.lines().find(|line| line.starts_with("error: ")).unwrap();
        let named = format!("can't listen on 127.0.0.1:{taken} (`[{section}] listen`)");
        assert!(error.contains(&named) && error.contains("in use"), "{error}");
        assert!(!error.contains(&free), "{error}");
    }
}

#[test]
fn a_signal_ends_it_and_what_is_open_is_answered() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut serving = in_mode("safe").serve(&["run"]);
        // The body's first half makes the request an open one; the second comes after the signal.
        let (query, body) = Sender::default().safe(&text_from("oECHO_1", "still there?"));
        let mut open = http::connect(serving.endpoint).unwrap();
        let (first, second) = body.split_at(body.len() / 2);
        let length = body.len();
        let head = format!(
            "POST /wechat?{query} HTTP/1.1\r\nHost: wxbot\r\nContent-Length: {length}\r\n\r\n"
        );
        open.write_all(format!("{head}{first}").as_bytes()).unwrap();
        wait_until_it_is_read(&serving);

        serving.signal(signal);
        serving.wait_for("stopping");
        open.write_all(second.as_bytes()).unwrap();
        let response = http::read_response(&mut open).unwrap();
        assert_eq!(response.status, 200, "{signal:?}: {response:?}");
        let reply = Sender::default().open(&response.body);
        assert_eq!(element(&reply, "Content").as_deref(), Some("still there?"));

        let ran = serving.end_within(Duration::from_secs(10)).exits(0).prints("");
        ran.says(&["stopping", "stopped"]);
    }
}

/// Who sends it hopes for a reload, or has closed the terminal.
#[test]
fn sighup_ends_nothing_and_says_that_nothing_is_reloaded() {
    let mut serving = in_mode("plain").serve(&["run"]);
    for _ in 0..2 {
        serving.signal(Signal::HUP);
        serving.wait_for("SIGHUP: nothing is reloaded");
    }
    let response = says(serving.endpoint, "price");
    assert_eq!(element(&response.body, "Content").as_deref(), Some("¥99"));
    serving.stop().exits(0);
}

#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    for first in [Signal::TERM, Signal::INT] {
        let mut serving = in_mode("safe").serve(&["run"]);
        // The body never comes whole, so this is open until its deadline.
        let mut open = http::connect(serving.endpoint).unwrap();
        let query = Sender::default().query();
        let head = format!("POST /wechat?{query} HTTP/1.1\r\nHost: wxbot\r\n");
        open.write_all(format!("{head}Content-Length: 100\r\n\r\n<xml>").as_bytes()).unwrap();
        wait_until_it_is_read(&serving);
        serving.signal(first);
        serving.wait_for("stopping");
        serving.signal(Signal::TERM);
        // At a terminal it is pressed until it is heard.
        for _ in 0..100 {
            serving.signal(Signal::INT);
            if serving.log().iter().any(|line| line.contains("stopped at once")) {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        let ran = serving.end_within(Duration::from_secs(10)).exits(1).prints("");
        ran.says(&["stopped at once by another Ctrl-C"]);
    }
}

/// One worker serves in order: when it answers this, it has read what came before.
fn wait_until_it_is_read(serving: &Serving) {
    assert_eq!(says(serving.endpoint, "price").status, 403, "plain is too weak");
}

/// Between `ready` and the first look at signals, one used to end the program with no exit code.
#[test]
fn a_signal_right_after_ready_is_a_good_end() {
    let program = in_mode("plain");
    for signal in [Signal::TERM, Signal::INT].into_iter().cycle().take(10) {
        let serving = program.serve(&["run"]);
        serving.signal(signal);
        let ran = serving.end_within(Duration::from_secs(10)).exits(0);
        assert!(ran.stderr.contains(r#""message":"stopped""#), "{}", ran.stderr);
    }
}

#[test]
fn a_wrong_configuration_opens_no_port() {
    let program = wxbot().with_config(&format!("{LISTEN}{CHAIN}"));
    program.run(&["run"]).exits(2).prints("").says(&["there is no `[[account]]`"]);
}

#[test]
fn a_connection_that_is_open_and_idle_does_not_keep_it_from_ending() {
    let serving = in_mode("plain").serve(&["run"]);
    let mut idle = http::connect(serving.endpoint).unwrap();
    idle.write_all(b"GET /elsewhere HTTP/1.1\r\nHost: wxbot\r\n\r\n").unwrap();
    assert_eq!(http::read_response(&mut idle).unwrap().status, 404);
    serving.stop().exits(0);
}
