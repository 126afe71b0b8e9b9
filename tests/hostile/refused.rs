//! A request is refused, or answered before its body was read, and goes on all the same.

use std::thread;

use wxbot_tests::wechat::Sender;

use crate::attacker::{Attacker, signed_post};
use crate::target::{SOON, check_answers, serve};

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const LENGTH: &str = "Content-Length: 1000000000\r\n";
/// More than any machine buffers on its own.
const MOST_TAKEN: usize = 256 << 20;

/// The lines before the header of the body, what is sent of it, the status.
fn requests() -> Vec<(String, Vec<u8>, u16)> {
    let unsigned = "POST /wechat HTTP/1.1\r\nHost: a\r\n".to_owned();
    let elsewhere = "POST /elsewhere HTTP/1.1\r\nHost: a\r\n".to_owned();
    let put = "PUT /wechat HTTP/1.1\r\nHost: a\r\n".to_owned();
    let encoded = format!("{}Content-Encoding: gzip\r\n", signed_post());
    let query = Sender::default().query();
    let read_to_no_end = format!("GET /wechat?{query}&echostr=1 HTTP/1.1\r\nHost: a\r\n");
    let too_long = [b"200000\r\n".to_vec(), vec![b'a'; (1 << 20) + 10]].concat();
    vec![
        (unsigned, Vec::new(), 403),
        (elsewhere, Vec::new(), 404),
        (put, Vec::new(), 405),
        (signed_post(), b"4\r\n<xml".to_vec(), 408),
        (signed_post(), too_long, 413),
        (encoded, Vec::new(), 415),
        (read_to_no_end, Vec::new(), 200),
    ]
}

/// Begins every request that is refused, all at once, while a follower is answered; `then` is what
/// the attacker does next, given the status and how the body is framed.
fn attack(then: impl Fn(Attacker, u16, &str) + Copy + Send + 'static) {
    let serving = serve();
    let endpoint = serving.endpoint;
    let mut attacks = Vec::new();
    for (head, begin, status) in requests() {
        for body in [CHUNKED, LENGTH] {
            let (head, begin) = (format!("{head}{body}\r\n"), begin.clone());
            attacks.push(thread::spawn(move || {
                let mut attacker = Attacker::connect(endpoint);
                attacker.send(head);
                attacker.send(begin);
                then(attacker, status, body);
            }));
        }
    }
    check_answers(&serving);
    attacks.into_iter().for_each(|attack| attack.join().expect("the attack is done"));
}

pub(crate) fn silence() {
    attack(|mut attacker, status, body| {
        assert_eq!(attacker.response().status, status, "{body}");
        assert!(attacker.is_closed(), "{status} {body}: open after {SOON:?}");
    });
}

pub(crate) fn flat_out() {
    attack(|mut attacker, status, body| {
        // A chunk of 64 KiB, which is as good as part of a body with a length.
        let chunk = [b"10000\r\n".to_vec(), vec![b'a'; 0x10000], b"\r\n".to_vec()].concat();
        let (taken, closed) = attacker.send_flat_out(&chunk, MOST_TAKEN);
        assert!(closed, "{status} {body}: {taken} bytes taken, and still open");
    });
}

pub(crate) fn console() {
    let serving = serve();
    for (path, status) in [("/healthz", 200), ("/elsewhere", 404), ("/outbox/1/retry", 403)] {
        for body in [CHUNKED, LENGTH] {
            let method = if path.ends_with("retry") { "POST" } else { "GET" };
            let host = serving.operator;
            let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{body}\r\n");
            let mut attacker = Attacker::connect(serving.operator);
            attacker.send(&head);
            assert_eq!(attacker.response().status, status, "{path}");
            assert!(attacker.is_closed(), "{path} {body}: open after {SOON:?}");
        }
    }
}
