//! Heads that take their time, and connections that say nothing.

use std::thread;
use std::time::Duration;

use crate::attacker::{Attacker, handshake};
use crate::target::{SOON, check_answers, serve};

pub(crate) fn dribbles() {
    let serving = serve();
    for to in [serving.endpoint, serving.operator] {
        let mut attacks = Vec::new();
        for first in [String::new(), handshake()] {
            attacks.push(thread::spawn(move || {
                let mut attacker = Attacker::connect(to);
                attacker.send(&first);
                let dribble = format!("GET /wechat?{} HTTP/1.1\r\n", "a".repeat(1000));
                let closed = attacker.dribble(dribble.as_bytes(), Duration::from_millis(50));
                assert!(closed, "behind {first:?}: all of it is sent, and still open");
            }));
        }
        attacks.into_iter().for_each(|attack| attack.join().expect("the attack is done"));
    }
    check_answers(&serving);
}

pub(crate) fn says_nothing() {
    let serving = serve();
    let (endpoint, console) = (serving.endpoint, serving.operator);
    let table = [
        (endpoint, String::new(), "nothing was sent"),
        (console, String::new(), "nothing was sent"),
        (endpoint, "GET /wechat".into(), "half a line was sent"),
        (console, "GET /healthz".into(), "half a line was sent"),
        (endpoint, handshake(), "it was answered once"),
        (console, format!("GET / HTTP/1.1\r\nHost: {console}\r\n\r\n"), "it was answered once"),
    ];
    let attacks = table.map(|(to, begin, why)| {
        thread::spawn(move || {
            let mut silent = Attacker::connect(to);
            silent.send(begin);
            assert!(silent.is_closed(), "{why}, and it is open after {SOON:?}");
        })
    });
    attacks.into_iter().for_each(|attack| attack.join().expect("the attack is done"));
}

pub(crate) fn is_kept() {
    let serving = serve();
    let mut kept = Attacker::connect(serving.endpoint);
    for _ in 0..3 {
        kept.send(handshake());
        assert_eq!(kept.response().body, "4242");
        thread::sleep(Duration::from_millis(500));
    }
    kept.send([handshake(), handshake()].concat());
    assert!(kept.response().body.starts_with("4242"), "the second answer may follow at once");
}
