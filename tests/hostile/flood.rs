//! More connections than the process may have files.

use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Signal;
use wxbot_tests::http;
use wxbot_tests::program::Serving;
use wxbot_tests::wechat::{element, text_from};

use crate::attacker::{handshake, signed_post};
use crate::target::{check_answers, serve_with_files};

const FILES: usize = 256;
const CONNECTIONS: usize = 600;

pub(crate) fn idle() {
    let mut serving = serve_with_files(FILES);
    let begun = [
        String::new(),
        "GET /wechat".to_owned(),
        "POST /wechat HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
        format!("{}Content-Length: 1000\r\n\r\n<xml>", signed_post()),
        handshake(),
    ];
    let mut connections = Vec::new();
    for begin in &begun {
        for n in 0..CONNECTIONS {
            connections.extend(open(&serving, begin));
            if n % 100 == 99 {
                check_answers(&serving);
                check_console(&serving);
            }
        }
        let from = connections.len().saturating_sub(CONNECTIONS);
        connections.drain(..from);
    }
    let lines = serving.log();
    let errors: Vec<_> = lines.iter().filter(|line| line.contains("Error accepting")).collect();
    assert_eq!(errors.len(), 0, "{errors:#?}");
}

/// WeChat pushes thousands of events at once after a template was sent: those for which there is no
/// place wait for one, and nobody who has just come is sent away.
pub(crate) fn genuine() {
    let serving = serve_with_files(FILES);
    for _ in 0..3 {
        let say = |n| {
            let body = text_from(&format!("oBURST_{n:021}"), "still here?");
            let head = format!("{}Content-Length: {}\r\n\r\n", signed_post(), body.len());
            open(&serving, &format!("{head}{body}")).expect("the system takes it")
        };
        // They all have come when the process has its next turn.
        serving.signal(Signal::STOP);
        let burst: Vec<_> = (0..CONNECTIONS / 2).map(say).collect();
        serving.signal(Signal::CONT);
        for mut stream in burst {
            let response = http::read_response(&mut stream).expect("it is answered");
            assert_eq!(element(&response.body, "Content").as_deref(), Some("still here?"));
        }
    }
}

/// WeChat hangs up after 5 s and comes again, while the work still goes on: who left holds no place.
pub(crate) fn hung_up() {
    let serving = serve_with_files(FILES);
    for n in 0..CONNECTIONS {
        let body = text_from(&format!("oGONE_{n:022}"), "after 60 nobody hears this");
        let head = format!("{}Content-Length: {}\r\n\r\n", signed_post(), body.len());
        drop(open(&serving, &format!("{head}{body}")));
    }
    check_answers(&serving);
}

/// One that begins with this; it may be that there is no room for it for a while.
fn open(serving: &Serving, begin: &str) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&serving.endpoint, Duration::from_secs(5)).ok()?;
    std::io::Write::write_all(&mut &stream, begin.as_bytes()).ok()?;
    Some(stream)
}

#[track_caller]
fn check_console(serving: &Serving) {
    assert_eq!(http::get(serving.operator, "/healthz").status, 200);
}
