//! `wxbot say`: what a follower would see, without a port.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use wxbot_tests::bot::account;

use super::{CHAIN, in_mode, wxbot};

#[test]
fn the_reply_alone_is_on_stdout_in_every_mode() {
    for mode in ["plain", "compatible", "safe"] {
        let program = in_mode(mode);
        program.run(&["say", "the price, please"]).exits(0).prints("¥99\n").says_nothing();
    }
}

#[test]
fn replies_of_other_kinds_are_shown_in_words() {
    let program = in_mode("safe");
    program.run(&["say", "picture"]).exits(0).prints("[image MEDIA_1]\n");
    program.run(&["say", "cards"]).exits(0).prints("[article] One https://example.com/1\n");
}

#[test]
fn nothing_to_say_is_said_on_stderr() {
    let ran = in_mode("plain").run(&["say", "tell me more"]).exits(0).prints("");
    ran.says(&["no reply", "`success`"]);
}

#[test]
fn as_says_who_writes() {
    let program = in_mode("plain");
    program.run(&["say", "hi", "--as", "oECHO_1"]).exits(0).prints("hi\n");
    program.run(&["say", "hi", "--as", "oOTHER"]).exits(0).prints("");
}

#[test]
fn texts_come_through_as_they_are() {
    let echo = "[[chain]]\nplugin = 'echo'\n";
    let program = wxbot().with_config(&format!("{}{echo}", account("plain")));
    for text in ["<b>&amp;]]>", "你好 😀", "two\nlines", "-1", "\"quoted\" 'text'"] {
        let ran = program.run(&["say", "--", text]).exits(0);
        ran.prints(&format!("{text}\n")).says_nothing();
    }
}

#[test]
fn events_have_a_name_and_perhaps_a_key() {
    let program = in_mode("compatible");
    program.run(&["say", "--event", "subscribe"]).exits(0).prints("欢迎\n");
    let scene = ["say", "--event", "subscribe", "--key", "qrscene_shop-42"];
    program.run(&scene).exits(0).prints("欢迎到店\n").says_nothing();
    let bare = ["say", "--event", "Subscribe", "--key", "shop-42"];
    program.run(&bare).exits(0).prints("欢迎\n").says(&["`--key qrscene_shop-42`"]);
    program.run(&["say", "--event", "CLICK", "--key", "V1001_TODAY"]).exits(0).prints("clicked\n");
    program.run(&["say", "--event", "CLICK"]).exits(0).prints("");
}

const BODY: &str = "<xml><ToUserName>gh_1</ToUserName><FromUserName>oECHO_1</FromUserName>\
                    <CreateTime>1735689700</CreateTime><MsgType>location</MsgType>\
                    <Label>西湖</Label><MsgId>1</MsgId></xml>";

#[test]
fn a_whole_body_comes_from_a_file_or_from_standard_input() {
    let program = in_mode("safe").with_file("body.xml", BODY);
    program.run(&["say", "--xml", "body.xml"]).exits(0).prints("西湖\n").says_nothing();
    program.run_with_input(&["say", "--xml", "-"], BODY).exits(0).prints("西湖\n");
}

/// Blanks around what is in an element, JSON, a reference that XML does not know: whoever is spoken
/// to by such a body gets the reply, so it is not the bot that is wrong.
#[test]
fn a_body_is_read_as_the_bot_reads_it() {
    let case = include_str!("../../../../../tests/fixtures/cases/63-pretty-printed.xml");
    let json = r#"{"ToUserName":"gh_1","FromUserName":"oECHO_1","CreateTime":1735689700,
                   "MsgType":"location","Label":"西湖","MsgId":1}"#;
    let bodies = [
        ("blanks", case.replace("oBUGSutXyZ_abcdefghijklmnopq", "oECHO_1"), "曲子 piano.wav\n"),
        ("JSON", json.to_owned(), "西湖\n"),
        ("a byte order mark", format!("\u{feff}{BODY}"), "西湖\n"),
        ("references", BODY.replace("</xml>", "<A>&#xD83D; &boom; a & b</A></xml>"), "西湖\n"),
    ];
    for mode in ["plain", "compatible", "safe"] {
        let program = in_mode(mode);
        for (reason, body, reply) in &bodies {
            let ran = program.run_with_input(&["say", "--xml", "-"], body);
            assert_eq!((ran.code, &*ran.stdout), (Some(0), *reply), "{mode} {reason}: {ran:?}");
        }
    }
}

#[test]
fn a_body_that_can_not_be_read_is_2_and_one_that_is_no_message_is_1() {
    let program = in_mode("plain").with_file("latin1.xml", b"<xml>\xe9</xml>");
    for file in ["missing.xml", "latin1.xml"] {
        program.run(&["say", "--xml", file]).exits(2).prints("").says(&[file, "can't be read"]);
    }
    let ran = program.run_with_input(&["say", "--xml", "-"], "<xml>").exits(1).prints("");
    ran.says(&["the bot refused the message", "not well-formed"]);
}

#[test]
fn trace_names_every_link_that_was_asked_with_its_decision_and_its_time() {
    let program = in_mode("plain");
    let ran = program.run(&["say", "hi", "--as", "oECHO_1", "--trace"]).exits(0).prints("hi\n");
    let mut lines = ran.stderr.lines();
    let heading: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(heading, ["LINK", "ASKED", "TO", "TOOK", "DECISION"]);
    for (link, decision) in [("welcome", "pass"), ("prices", "pass"), ("echo", "reply (text)")] {
        let line = lines.next().unwrap();
        let columns: Vec<_> = line.split_whitespace().collect();
        assert_eq!(columns[..2], [link, "handle"], "{line}");
        assert!(columns[2].starts_with(|c: char| c.is_ascii_digit()), "{line}");
        assert!(columns[2].ends_with('s'), "{line}");
        assert_eq!(columns[3..].join(" "), decision, "{line}");
    }
    assert_eq!(lines.next(), None, "nobody else was asked");

    let ran = program.run(&["say", "price", "--trace"]).exits(0).prints("¥99\n");
    assert_eq!(ran.stderr.lines().count(), 3, "echo is not asked: {}", ran.stderr);
}

#[test]
fn account_says_who_is_written_to() {
    let second = account("safe").replace("'main'", "'second'\npath = '/second'");
    let chain = "[[chain]]\nplugin = 'echo'\nwhen = { account = 'second' }\n";
    let program = wxbot().with_config(&format!("{}{second}{chain}", account("plain")));
    program.run(&["say", "hi", "--account", "second"]).exits(0).prints("hi\n");
    program.run(&["say", "hi", "--account", "main"]).exits(0).prints("");
    program.run(&["say", "hi"]).exits(0).prints("");
    let ran = program.run(&["say", "hi", "--account", "third"]).exits(2).prints("");
    ran.says(&["no account is called `third`", "main, second"]);
}

#[test]
fn an_account_that_knows_its_original_id_is_written_to_by_it() {
    let account = format!("{}original_id = 'gh_5f0c1d2e3a4b'\n", account("plain"));
    let program = wxbot().with_config(&format!("{account}{CHAIN}"));
    program.run(&["say", "price"]).exits(0).prints("¥99\n");
}

/// Nobody can post an answer to a bot that has no port.
#[test]
fn an_answer_that_would_be_posted_to_the_bot_is_pointed_at() {
    let handler = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = handler.local_addr().unwrap();
    let url = format!("http://{at}/");
    let answers = thread::spawn(move || {
        let (mut stream, _) = handler.accept().unwrap();
        let later =
            "HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n{\"later\": \"\"}";
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        while !request.ends_with(b"}") {
            let length = stream.read(&mut chunk).unwrap();
            assert_ne!(length, 0, "all of the request: {}", String::from_utf8_lossy(&request));
            request.extend(&chunk[..length]);
        }
        stream.write_all(later.as_bytes()).unwrap();
    });
    let program = wxbot().with_config(&format!(
        "{}[late]\ndeliveries = 1\nwindow = '1s'\n[[chain]]\nplugin = 'webhook'\nid = 'shop'\n\
         timeout = '2s'\n[chain.config]\nurl = '{url}'\ncallback = 'http://127.0.0.1:8081'\n\
         secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='\n",
        account("plain")
    ));
    let ran = program.run(&["say", "hi"]);
    // Nobody waits for a program that ended without asking.
    drop(TcpStream::connect(at));
    answers.join().unwrap();
    ran.says(&["`callback` of entry `shop` comes to the bot that runs", "wxbot say --over-http"]);
}
