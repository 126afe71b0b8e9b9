//! Whatever is sent, it is refused with the right status, and the next message is answered.

use std::io::Write;
use std::thread;
use std::time::Duration;

use wxbot_tests::bot::{ECHO, SocketBot};
use wxbot_tests::http::{self, Response};
use wxbot_tests::wechat::{Sender, event, json_text, text};

/// The longest body that is taken.
const LIMIT: usize = 1 << 20;

#[test]
fn a_hostile_body_is_refused() {
    let plain = SocketBot::in_mode("plain", ECHO);
    let safe = SocketBot::in_mode("safe", ECHO);
    for (body, why) in hostile_bodies() {
        let response = plain.deliver(&Sender::default().query(), &body);
        assert_eq!((response.status, &*response.body), (400, "Bad Request"), "{why}");
        // Inside an envelope it is no better. The harness seals text only.
        let Ok(body) = String::from_utf8(body) else { continue };
        if body.len() * 4 / 3 < LIMIT {
            let (query, body) = Sender::default().safe(&body);
            let response = safe.deliver(&query, body);
            assert_eq!((response.status, &*response.body), (400, "Bad Request"), "sealed: {why}");
        }
    }
    check_still_answers(&plain);
    let (query, body) = Sender::default().safe(&text("hi"));
    assert_eq!(safe.deliver(&query, body).status, 200);
}

fn hostile_bodies() -> Vec<(Vec<u8>, &'static str)> {
    let good = text("hi");
    let inside = |more: &str| good.replace("</xml>", &format!("{more}</xml>")).into_bytes();
    let before = |more: &str| format!("{more}{good}").into_bytes();
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let laughs = format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]>");
    let nested = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
    let saying = |content: &str| good.replace("<![CDATA[hi]]>", content);
    vec![
        (Vec::new(), "nothing"),
        (b" \r\n\t ".to_vec(), "blanks"),
        (b"success".to_vec(), "a text"),
        (b"[]".to_vec(), "JSON, but no object"),
        (b"signature=1&timestamp=2".to_vec(), "a form"),
        (before("<!DOCTYPE xml>"), "a DTD"),
        ([laughs.as_bytes(), saying("&l9;").as_bytes()].concat(), "a billion laughs"),
        (
            before("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"),
            "an entity from a file",
        ),
        (
            before("<!DOCTYPE x [<!ENTITY % e SYSTEM \"http://127.0.0.1:1/\"> %e;]>"),
            "a parameter entity from the network",
        ),
        (before("<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\">"), "a DTD from the network"),
        (before("<?xml-stylesheet href=\"x\"?>"), "a processing instruction"),
        (inside("<?php 1 ?>"), "a processing instruction inside"),
        ([good.as_bytes(), b"<xml/>"].concat(), "a second root"),
        (good.repeat(2).into_bytes(), "two messages"),
        (inside("<MsgType>event</MsgType>"), "two kinds"),
        (inside("<FromUserName>oTEST_another</FromUserName>"), "two followers"),
        (inside("<Content>bye</Content>"), "two texts"),
        (inside(&nested(16)), "17 levels with the root"),
        (inside(&nested(100_000)), "100,000 levels"),
        (inside(&"<a/>".repeat(2_000)), "2,000 elements"),
        (inside(&"<a>".repeat(2_000)), "2,000 elements that are not closed"),
        (inside(&format!("<a{attributes}/>")), "100,000 attributes"),
        (inside("<a>&#0;</b>"), "closed under another name"),
        (good.replace("</xml>", "</xml></xml>").into_bytes(), "closed twice"),
        (good.replace("<MsgType>", "<Type>").replace("</MsgType>", "</Type>").into(), "no kind"),
        (saying("\u{1}\u{1}").replace('\u{1}', "<").into_bytes(), "a tag that does not end"),
        (swap(&saying("\u{1}"), b"\xff"), "a byte that UTF-8 never has"),
        (swap(&saying("\u{1}"), b"\xed\xa0\x80"), "half an emoji, as a surrogate"),
        (swap(&saying("\u{1}"), b"\xc0\x80"), "an overlong NUL"),
        (swap(&saying("\u{1}"), b"\xc4\xe3"), "GBK"),
        (good.encode_utf16().flat_map(u16::to_le_bytes).collect(), "UTF-16"),
        (json_text("hi").replace("\"Content\"", "\"MsgType\"").into(), "two kinds, in JSON"),
        (json_text("hi").repeat(2).into(), "two objects"),
        (b"{\"a\":".repeat(100_000), "100,000 levels of JSON"),
        ((b"{\"a\":".iter().chain(&[b'['; 100_000]).copied()).collect(), "100,000 arrays"),
        (b"{\"MsgType\":{\"MsgType\":\"text\"}}".to_vec(), "a kind that is an object"),
    ]
}

/// Puts bytes that no `String` may hold in the place of U+0001.
fn swap(body: &str, bytes: &[u8]) -> Vec<u8> {
    let (before, behind) = body.split_once('\u{1}').expect("there is one");
    [before.as_bytes(), bytes, behind.as_bytes()].concat()
}

#[test]
fn a_message_that_is_cut_off_anywhere_is_refused() {
    let bot = SocketBot::with_chain(ECHO);
    for message in [text("你好"), json_text("你好"), event("CLICK", "K")] {
        for length in 0..message.len() {
            let cut = &message.as_bytes()[..length];
            let response = bot.deliver(&Sender::default().query(), cut);
            assert_eq!(response.status, 400, "{}", String::from_utf8_lossy(cut));
        }
        assert_eq!(bot.post(&message).status, 200);
    }
}

#[test]
fn a_body_has_a_mebibyte_at_most() {
    let bot = SocketBot::with_chain(ECHO);
    let of_length = |length: usize| {
        let message = text("hi").replace("</xml>", "<Pad></Pad></xml>");
        message.replace("<Pad>", &format!("<Pad>{}", "p".repeat(length - message.len())))
    };
    let unclosed =
        format!("<xml><MsgType>text</MsgType><Content><![CDATA[{}", "a".repeat(10_000_000));
    let table = [
        (of_length(LIMIT), 200, "a mebibyte"),
        (of_length(LIMIT + 1), 413, "a byte more"),
        (of_length(2 * LIMIT), 413, "two mebibytes"),
        (unclosed, 413, "10 MB of CDATA that does not end"),
    ];
    for (body, status, why) in table {
        assert_eq!(bot.post(&body).status, status, "{why}, with Content-Length");
        for size in [LIMIT / 16, LIMIT - 1, body.len()] {
            let response = post_in_chunks(&bot, body.as_bytes(), size);
            assert_eq!(response.status, status, "{why}, in chunks of {size}");
        }
    }
    check_still_answers(&bot);
}

fn post_in_chunks(bot: &SocketBot, body: &[u8], size: usize) -> Response {
    let mut chunks = Vec::new();
    for chunk in body.chunks(size) {
        chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        chunks.extend(chunk);
        chunks.extend(b"\r\n");
    }
    chunks.extend(b"0\r\n\r\n");
    let path = format!("/wechat?{}", Sender::default().query());
    http::request(bot.endpoint, "POST", &path, "Transfer-Encoding: chunked\r\n", &chunks)
}

#[test]
fn a_compressed_body_is_refused() {
    let bot = SocketBot::with_chain(ECHO);
    // 20 bytes of gzip that become nothing; a bomb would not even be looked at.
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
    for (encoding, body) in
        [("gzip", &gzip[..]), ("br", gzip), ("deflate", gzip), ("gzip, gzip", gzip)]
    {
        let path = format!("/wechat?{}", Sender::default().query());
        let headers = format!("Content-Encoding: {encoding}\r\nContent-Length: {}\r\n", body.len());
        let response = http::request(bot.endpoint, "POST", &path, &headers, body);
        assert_eq!(response.status, 415, "{encoding}");
    }
    check_still_answers(&bot);
}

// The next two wait three seconds for real: the deadline is the server's own, and whether it is
// kept while bytes trickle in over a socket can't be seen with a paused clock.

#[test]
fn a_body_that_stalls_is_given_up() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    let (head, body) = signed_post("Content-Length: 1000\r\n");
    stream.write_all(&[head.as_bytes(), &body.as_bytes()[..20]].concat()).unwrap();
    check_given_up(&http::read_response(&mut stream).unwrap());
    check_still_answers(&bot);
}

#[test]
fn a_body_that_dribbles_is_given_up() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    let (head, body) = signed_post("Content-Length: 1000\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut writer = stream.try_clone().unwrap();
    // At this pace the whole of it would take a minute.
    let dribble = thread::spawn(move || {
        for byte in body.as_bytes() {
            if writer.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(200));
        }
    });
    check_given_up(&http::read_response(&mut stream).unwrap());
    drop(stream);
    check_still_answers(&bot);
    dribble.join().unwrap();
}

#[track_caller]
fn check_given_up(response: &Response) {
    assert_eq!((response.status, &*response.body), (408, "Request Timeout"));
    assert_eq!(response.header("connection"), Some("close"), "the rest of the body is not awaited");
}

#[test]
fn a_body_that_is_cut_off_costs_nothing() {
    let bot = SocketBot::with_chain(ECHO);
    for _ in 0..20 {
        let mut stream = http::connect(bot.endpoint).unwrap();
        let (head, body) = signed_post("Content-Length: 1000\r\n");
        stream.write_all(&[head.as_bytes(), &body.as_bytes()[..20]].concat()).unwrap();
    }
    check_still_answers(&bot);
}

#[test]
fn malformed_http_is_refused() {
    let bot = SocketBot::with_chain(ECHO);
    let (_, body) = signed_post("");
    let length = format!("Content-Length: {}\r\n", body.len());
    let chunked = "Transfer-Encoding: chunked\r\n";
    let chunks = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    let table = [
        // header lines, body, status, why
        (format!("{length}{chunked}"), &chunks, 400, "a length and chunks"),
        (format!("{chunked}{length}"), &chunks, 400, "chunks and a length"),
        (format!("{length}Content-Length: 2\r\n"), &body, 400, "two lengths"),
        ("Content-Length: +2\r\n".into(), &body, 400, "a length with a sign"),
        ("Content-Length: -2\r\n".into(), &body, 400, "a length below zero"),
        ("Content-Length: 0x10\r\n".into(), &body, 400, "a length in hex"),
        ("Content-Length: 1e2\r\n".into(), &body, 400, "a length with an exponent"),
        ("Content-Length: 2, 2\r\n".into(), &body, 400, "a list of lengths"),
        ("Content-Length:\r\n".into(), &body, 400, "no length at all"),
        (format!("Content-Length: {}\r\n", "9".repeat(30)), &body, 400, "more than fits"),
        ("Transfer-Encoding: xchunked\r\n".into(), &chunks, 400, "an unknown encoding"),
        ("Transfer-Encoding: chunked, gzip\r\n".into(), &chunks, 400, "chunks are not the last"),
        ("Transfer-Encoding : chunked\r\n".into(), &chunks, 400, "a blank before the colon"),
        (format!("{length}X-A: a\0b\r\n"), &body, 400, "a NUL in a header"),
        (format!("{length}X\0A: a\r\n"), &body, 400, "a NUL in a name"),
        (format!("{length}X-A: a\r\n b\r\n"), &body, 400, "a header over two lines"),
        (format!("{length}X-A\r\n"), &body, 400, "a header without a colon"),
        (format!("{length}: a\r\n"), &body, 400, "a header without a name"),
        (format!("{length}Host: another\r\n"), &body, 400, "two hosts"),
        (format!("{length}{many}"), &body, 431, "200 headers"),
        (format!("{length}X-A: {}\r\n", "a".repeat(200_000)), &body, 431, "200 kB of header"),
    ];
    for (headers, body, status, why) in table {
        let (head, _) = signed_post(&headers);
        check_refused(&bot, format!("{head}{body}").as_bytes(), status, why);
    }
    let bad_chunks = [
        ("zz\r\n<xml>\r\n0\r\n\r\n", "a size that is no number"),
        ("-5\r\n<xml>\r\n0\r\n\r\n", "a size below zero"),
        ("5\r\n<xml>0\r\n\r\n", "no line break behind a chunk"),
        ("fffffffffffffffff\r\n<xml>\r\n0\r\n\r\n", "a size that does not fit"),
        ("5 5\r\n<xml>\r\n0\r\n\r\n", "two sizes"),
    ];
    for (chunks, why) in bad_chunks {
        let (head, _) = signed_post(chunked);
        check_refused(&bot, format!("{head}{chunks}").as_bytes(), 400, why);
    }
    check_still_answers(&bot);
}

#[test]
fn what_is_no_http_at_all_is_refused() {
    let bot = SocketBot::with_chain(ECHO);
    let query = Sender::default().query();
    let body = text("hi");
    let rest = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let long = "a".repeat(130_000);
    let table = [
        (format!("POST /wechat?{query} HTTP/1.1\r\n{rest}"), 400, "no host"),
        (format!("POST /wechat?{query} HTTP/9.9\r\nHost: a\r\n{rest}"), 400, "an unknown version"),
        (format!("POST /wechat?{query}\r\nHost: a\r\n{rest}"), 400, "no version"),
        (format!("POST  HTTP/1.1\r\nHost: a\r\n{rest}"), 400, "no path"),
        (format!(" /wechat?{query} HTTP/1.1\r\nHost: a\r\n{rest}"), 400, "no method"),
        (format!("P\0ST /wechat?{query} HTTP/1.1\r\nHost: a\r\n{rest}"), 400, "a NUL in it"),
        (format!("POST /wechat?{query}&a={long} HTTP/1.1\r\nHost: a\r\n{rest}"), 400, "too long"),
        (format!("POST /wechat?{query} x HTTP/1.1\r\nHost: a\r\n{rest}"), 400, "a blank in it"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 400, "HTTP/2, which nobody offered"),
        ("\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03".repeat(20), 400, "TLS"),
        ("\0".repeat(100), 400, "zeros"),
        (format!("{body}\r\n\r\n"), 400, "a body without a head"),
        (
            format!(
                "POST /wechat?{query} HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                 {:x}\r\n{body}\r\n0\r\n\r\n",
                body.len()
            ),
            400,
            "chunks in HTTP/1.0",
        ),
    ];
    for (bytes, status, why) in table {
        check_refused(&bot, bytes.as_bytes(), status, why);
    }
    check_still_answers(&bot);
}

/// The head of a signed POST with these header lines, and a body of 300 bytes or so for it.
fn signed_post(headers: &str) -> (String, String) {
    let query = Sender::default().query();
    let head = format!("POST /wechat?{query} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    (head, text("this must not be answered"))
}

#[track_caller]
fn check_refused(bot: &SocketBot, bytes: &[u8], status: u16, why: &str) {
    let response = http::raw(bot.endpoint, bytes).unwrap_or_else(|error| panic!("{why}: {error}"));
    assert_eq!(response.status, status, "{why}: {response:?}");
    assert!(!response.body.contains("answered"), "{why}: {response:?}");
}

#[track_caller]
fn check_still_answers(bot: &SocketBot) {
    assert_eq!(bot.says("still here?"), "still here?");
}
