//! HTTP as clients and proxies speak it beside the usual: several requests on one connection, bodies
//! that wait to be asked for, sides that close early.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use wxbot_tests::bot::{ECHO, SocketBot};
use wxbot_tests::http;
use wxbot_tests::wechat::{Sender, element, text};

/// A POST with these header lines, and its body.
fn message(content: &str, headers: &str) -> (String, String) {
    let (query, body) = (Sender::default().query(), text(content));
    let length = body.len();
    let head = format!(
        "POST /wechat?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    (head, body)
}

fn whole(content: &str) -> String {
    let (head, body) = message(content, "");
    head + &body
}

/// What comes until the other side closes.
fn rest(mut stream: TcpStream) -> String {
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the bot closes");
    rest
}

#[test]
fn requests_in_one_go_are_answered_in_their_order() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    let last = message("three", "Connection: close\r\n");
    let handshake = format!("/wechat?{}&echostr=4242", Sender::default().query());
    let head = format!("HEAD {handshake} HTTP/1.1\r\nHost: a\r\n\r\n");
    let all = [whole("one"), head, whole("two"), last.0 + &last.1].concat();
    stream.write_all(all.as_bytes()).unwrap();
    let answers = rest(stream);
    let positions = ["[one]", "content-length: 4\r\n", "[two]", "[three]"]
        .map(|part| answers.find(part).unwrap_or_else(|| panic!("{part} is not in {answers}")));
    assert!(positions.is_sorted(), "{answers}");
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 4, "{answers}");
    assert!(!answers.contains("4242"), "an answer to HEAD has no body: {answers}");
}

#[test]
fn a_message_may_come_in_pieces() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    for content in ["one", "two"] {
        for piece in whole(content).as_bytes().chunks(7) {
            stream.write_all(piece).unwrap();
        }
        let response = http::read_response(&mut stream).unwrap();
        assert_eq!(element(&response.body, "Content").as_deref(), Some(content));
    }
}

#[test]
fn a_body_that_waits_to_be_asked_for_is_asked_for() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    let (head, body) = message("hi", "Expect: 100-continue\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(http::read_response(&mut stream).unwrap().status, 100);
    stream.write_all(body.as_bytes()).unwrap();
    let response = http::read_response(&mut stream).unwrap();
    assert_eq!(element(&response.body, "Content").as_deref(), Some("hi"));
    // Of a request that is refused, nobody wants the body.
    let (head, _) = message("hi", "Expect: 100-continue\r\nContent-Encoding: gzip\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(http::read_response(&mut stream).unwrap().status, 415);
}

#[test]
fn a_client_that_wants_the_connection_closed_sees_it_closed() {
    let bot = SocketBot::with_chain(ECHO);
    let query = Sender::default().query();
    let table = [
        ("HTTP/1.1\r\nConnection: close", true),
        ("HTTP/1.0", true),
        ("HTTP/1.0\r\nConnection: keep-alive", false),
        ("HTTP/1.1", false),
    ];
    for (version, closes) in table {
        let mut stream = http::connect(bot.endpoint).unwrap();
        let get = format!("GET /wechat?{query}&echostr=4242 {version}\r\nHost: a\r\n\r\n");
        stream.write_all(get.as_bytes()).unwrap();
        assert_eq!(http::read_response(&mut stream).unwrap().body, "4242", "{version}");
        if closes {
            assert_eq!(rest(stream), "", "{version}");
        } else {
            stream.write_all(get.as_bytes()).unwrap();
            assert_eq!(http::read_response(&mut stream).unwrap().body, "4242", "{version}");
        }
    }
}

#[test]
fn a_client_that_has_nothing_more_to_say_is_still_answered() {
    let bot = SocketBot::with_chain(ECHO);
    let mut stream = http::connect(bot.endpoint).unwrap();
    stream.write_all(whole("hi").as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(rest(stream).contains("<![CDATA[hi]]>"));
}

#[test]
fn a_refusal_says_that_it_closes() {
    let bot = SocketBot::with_chain(ECHO);
    for (get, status) in [("/wechat", 403), ("/elsewhere", 404)] {
        let mut stream = http::connect(bot.endpoint).unwrap();
        write!(stream, "GET {get} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let response = http::read_response(&mut stream).unwrap();
        assert_eq!((response.status, response.header("connection")), (status, Some("close")));
        assert_eq!(rest(stream), "", "{get}");
    }
}
