//! What people and proxies send to the endpoint beside WeChat's own requests.

use std::io::{Read, Write};
use std::net::SocketAddr;

use wxbot_tests::bot::{ECHO, SocketBot, account};
use wxbot_tests::http::{self, Response};
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::{Sender, element, text};

#[test]
fn slashes_around_the_path_mean_nothing() {
    let accounts = account("plain").replace("id = 'main'", "id = 'main'\npath = '/wechat'")
        + "[[account]]\nid = 'b'\npath = '/b/callback/'\ntoken = 'tokenBETA1'\n";
    let bot = SocketBot::start(&accounts, ECHO);
    let second = Sender { token: "tokenBETA1".into(), ..Sender::default() };
    let table = [
        ("/wechat", Sender::default()),
        ("/wechat/", Sender::default()),
        ("//wechat", Sender::default()),
        ("///wechat//", Sender::default()),
        ("/b/callback", second.clone()),
        ("/b/callback/", second.clone()),
        ("//b/callback", second),
    ];
    for (path, sender) in table {
        let shaken = http::get(bot.endpoint, &format!("{path}?{}&echostr=4242", sender.query()));
        assert_eq!((shaken.status, &*shaken.body), (200, "4242"), "GET {path}");
        let fresh = Sender { nonce: wxbot_tests::wechat::nonce(), ..sender };
        let posted = http::post(bot.endpoint, &format!("{path}?{}", fresh.query()), text("hi"));
        assert_eq!(element(&posted.body, "Content").as_deref(), Some("hi"), "POST {path}");
    }
    for path in ["/", "/wechat/x", "/b", "/b//callback", "/Wechat", "/wechat%2F"] {
        let query = Sender::default().query();
        let response = http::get(bot.endpoint, &format!("{path}?{query}&echostr=4242"));
        assert_eq!((response.status, &*response.body), (404, ""), "GET {path}");
    }
    assert_eq!(bot.metric("wxbot_unknown_paths_total"), 6.0);
}

#[test]
fn an_account_may_be_at_the_root() {
    let bot = SocketBot::start(&(account("plain") + "path = '/'\n"), ECHO);
    for path in ["/", "//"] {
        let query = Sender::default().query();
        let response = http::get(bot.endpoint, &format!("{path}?{query}&echostr=4242"));
        assert_eq!((response.status, &*response.body), (200, "4242"), "GET {path}");
    }
    assert_eq!(http::get(bot.endpoint, "/wechat").status, 404);
}

/// A proxy that strips or doubles the path is found by the line that names both.
#[test]
fn a_path_without_an_account_is_logged_once_with_those_that_have_one() {
    let mut serving = serve();
    let query = Sender::default().query();
    for _ in 0..3 {
        for path in ["/", "/wechat/wechat"] {
            let response = http::get(serving.endpoint, &format!("{path}?{query}&echostr=4242"));
            assert_eq!(response.status, 404, "{path}");
        }
    }
    let lines = lines_about_paths(&mut serving);
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains(r#""path":"/""#), "{lines:#?}");
    assert!(lines[1].contains(r#""path":"/wechat/wechat""#), "{lines:#?}");
    for line in &lines {
        assert!(line.contains("/wechat (main), /second (b)"), "{line}");
        assert!(!line.contains("signature"), "a query has no place in a log: {line}");
    }
}

#[test]
fn a_scan_of_paths_is_a_few_lines_and_a_count() {
    let mut serving = serve();
    for n in 0..200 {
        assert_eq!(http::get(serving.endpoint, &format!("/admin/{n}.php")).status, 404);
    }
    let long = format!("/{}", "x".repeat(5000));
    assert_eq!(http::get(serving.endpoint, &long).status, 404);
    let metrics = http::get(serving.operator, "/metrics").body;
    assert!(metrics.contains("wxbot_unknown_paths_total 201\n"), "{metrics}");
    let lines = lines_about_paths(&mut serving);
    assert!((2..=20).contains(&lines.len()), "{}: {lines:#?}", lines.len());
    assert!(lines.last().unwrap().contains("wxbot_unknown_paths_total"), "{lines:#?}");
}

#[test]
fn a_long_part_of_an_unknown_path_is_shortened() {
    let mut serving = serve();
    http::get(serving.endpoint, &format!("/oTEST_7vQkR2mXw9ZsLbN4cYdEfG/{}", "y/".repeat(3000)));
    let lines = lines_about_paths(&mut serving);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(!lines[0].contains("7vQkR2mXw9ZsLbN4"), "it may be an openid or a key: {}", lines[0]);
    assert!(lines[0].len() < 600, "{}", lines[0]);
}

#[test]
fn head_is_answered_where_get_is() {
    let bot = SocketBot::with_chain(ECHO);
    for path in ["/", "/healthz", "/readyz", "/metrics"] {
        let get = http::get(bot.operator, path);
        check_head_of(&get, &head(bot.operator, path), path);
    }
    let path = format!("/wechat?{}&echostr=4242", Sender::default().query());
    let get = http::get(bot.endpoint, &path);
    assert_eq!((get.status, &*get.body), (200, "4242"));
    check_head_of(&get, &head(bot.endpoint, &path), "the handshake");
    for (path, status) in [("/wechat", "403"), ("/elsewhere", "404")] {
        assert_eq!(head(bot.endpoint, path).split(' ').nth(1), Some(status), "{path}");
    }
}

/// The same status and type, and no body.
#[track_caller]
fn check_head_of(get: &Response, head: &str, why: &str) {
    let (lines, body) = head.split_once("\r\n\r\n").expect("a head ends");
    let type_of = |lines: &str| {
        let mut lines = lines.lines().filter_map(|line| line.split_once(": "));
        let of_type = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        of_type.map(|(_, value)| value.to_owned())
    };
    assert_eq!((get.status, lines.split(' ').nth(1)), (200, Some("200")), "{why}: {head}");
    assert_eq!(type_of(lines), type_of(&get.head), "{why}");
    assert_eq!(body, "", "{why}");
}

/// The whole answer to a HEAD, as it came until the connection was closed.
fn head(to: SocketAddr, path: &str) -> String {
    let mut stream = http::connect(to).expect("the bot listens");
    write!(stream, "HEAD {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n\r\n")
        .expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it is answered");
    answer
}

#[test]
fn an_encoding_that_is_none_is_taken() {
    let bot = SocketBot::with_chain(ECHO);
    for encoding in ["identity", "Identity", " identity "] {
        let path = format!("/wechat?{}", Sender::default().query());
        let body = text("identity");
        let headers = format!("Content-Encoding: {encoding}\r\nContent-Length: {}\r\n", body.len());
        let response = http::request(bot.endpoint, "POST", &path, &headers, body.as_bytes());
        assert_eq!(response.status, 200, "{encoding}");
        assert_eq!(element(&response.body, "Content").as_deref(), Some("identity"), "{encoding}");
    }
    for encodings in ["identity, gzip", "gzip\r\nContent-Encoding: identity"] {
        let path = format!("/wechat?{}", Sender::default().query());
        let headers = format!("Content-Encoding: {encodings}\r\nContent-Length: 2\r\n");
        let response = http::request(bot.endpoint, "POST", &path, &headers, b"hi");
        assert_eq!(response.status, 415, "{encodings}");
    }
}

#[test]
fn a_browser_reads_that_it_has_found_the_endpoint() {
    let bot = SocketBot::with_chain(ECHO);
    for path in ["/wechat", "/wechat/", "/wechat?utm_source=mail"] {
        let response = http::get(bot.endpoint, path);
        assert_eq!(response.status, 403, "{path}");
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"), "{path}");
        for part in ["WeChat endpoint", "reached", "微信"] {
            assert!(response.body.contains(part), "{path}: {}", response.body);
        }
        assert_eq!(response.body.lines().count(), 2, "{}", response.body);
    }
    // Whoever tries to sign is told nothing.
    for query in ["echostr=1", "signature=1", "timestamp=1", "nonce=1", "msg_signature=1"] {
        let response = http::get(bot.endpoint, &format!("/wechat?{query}"));
        assert_eq!((response.status, &*response.body), (403, "Forbidden"), "{query}");
    }
    assert_eq!(http::post(bot.endpoint, "/wechat", text("hi")).body, "Forbidden");
}

/// The program with two accounts.
fn serve() -> Serving {
    let accounts =
        account("plain") + "[[account]]\nid = 'b'\npath = '/second'\ntoken = 'tokenBETA1'\n";
    let listen = "[server]\nlisten = '127.0.0.1:0'\n[console]\nlisten = '127.0.0.1:0'\n";
    let config = format!("{listen}{accounts}{ECHO}");
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    program.serve(&["run", "--log", "json"])
}

/// What was logged about paths until now: whatever is logged behind a request's answer comes
/// before the line of the next handshake.
fn lines_about_paths(serving: &mut Serving) -> Vec<String> {
    let query = Sender::default().query();
    http::get(serving.endpoint, &format!("/wechat?{query}&echostr=1"));
    serving.wait_for("WeChat verified this address");
    let lines = serving.log().iter().filter(|line| line.contains("path"));
    let lines = lines.filter(|line| line.contains(r#""level":"WARN""#));
    lines.cloned().collect()
}

/// WeChat's proof that the domain is the owner's.
#[test]
fn files_are_served_at_the_root_beside_the_accounts() {
    let folder = tempfile::tempdir().expect("there is a folder for what is temporary");
    let file = folder.path().join("MP_verify_aBcDeF0123456789.txt");
    std::fs::write(&file, "aBcDeF0123456789").expect("the folder can be written");
    let files = format!("[server]\nfiles = ['{}']\n", file.display());
    let bot = SocketBot::start(&(files + &account("plain")), ECHO);
    std::fs::write(&file, "changed").expect("the folder can be written");
    let path = "/MP_verify_aBcDeF0123456789.txt";
    for path in [path.to_owned(), format!("{path}?from=wechat")] {
        let response = http::get(bot.endpoint, &path);
        assert_eq!((response.status, &*response.body), (200, "aBcDeF0123456789"), "{path}");
        assert!(response.header("content-type").is_some_and(|kind| kind.starts_with("text/plain")));
    }
    assert_eq!(http::post(bot.endpoint, path, "x").status, 405);
    for path in ["/MP_verify_aBcDeF0123456789", "/x/MP_verify_aBcDeF0123456789.txt", "/bot.toml"] {
        assert_eq!(http::get(bot.endpoint, path).status, 404, "{path}");
    }
    assert_eq!(bot.says("hi"), "hi");
}
