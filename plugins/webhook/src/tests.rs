//! Endpoints that answer, and endpoints that fail, over real sockets on loopback.

mod callback;
mod server;

use serde_json::Value;
use wxbot_plugin_echo as _;
use wxbot_testkit::TestBot;

use self::server::{Habit, Server};
use super::*;

const SECRETS: [&str; 2] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
];
/// More than any of these tests takes.
const LONG: &str = "time_limit = '60s'";

/// A bot that asks the endpoint, and another link when that does not answer.
async fn bot(url: &str, config: &str) -> TestBot {
    let chain = format!(
        "[[chain]]\nplugin = 'webhook'\n[chain.config]\nurl = '{url}'\n{config}\n\
         [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 'echo: '\n"
    );
    TestBot::setup(&chain).over_http().start().await.unwrap()
}

/// What alice sees when the endpoint sends this JSON.
#[track_caller]
fn check(json: &str, expected: &str) {
    wxbot_testkit::run(async {
        let server = Server::start(Habit::Answers(json.into())).await;
        let bot = bot(&server.url, LONG).await;
        let alice = bot.follower("alice");
        let heard = alice.says("hi").await;
        assert_eq!(heard.text(), Some(expected), "{json}: {heard:?}");
    });
}

#[tokio::test]
async fn a_message_is_posted_with_all_its_fields_and_signed() {
    let server = Server::start(Habit::Answers(r#"{"reply":"there"}"#.into())).await;
    let secrets = format!("{LONG}\nsecret = ['{}', '{}']", SECRETS[0], SECRETS[1]);
    let bot = bot(&server.url, &secrets).await;
    let alice = bot.follower("alice");
    alice.says("two\nlines 😀").await.sees("there").by("webhook");

    let request = server.only_request();
    assert!(request.head.starts_with("POST /hook?key=a%20b HTTP/1.1"), "{}", request.head);
    assert_eq!(request.header("content-type"), "application/json");
    let posted: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(posted["version"], 1);
    assert_eq!((&posted["account"], &posted["link"]), (&"main".into(), &"webhook".into()));
    assert_eq!(posted["session"], Value::Null);
    assert_eq!(posted["message"]["kind"], "text");
    assert_eq!(posted["message"]["content"], "two\nlines 😀");
    assert_eq!(posted["message"]["fields"]["Content"], "two\nlines 😀");
    assert_eq!(posted["message"]["openid"], alice.openid());
    let left = posted["remaining_ms"].as_u64().unwrap();
    assert!((1..=15_000).contains(&left), "{left}");

    let (id, timestamp) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(timestamp.parse::<u64>().unwrap().abs_diff(now) < 300, "{timestamp}");
    let signed = |text| {
        let secret = crate::signature::Secret::read(text).ok().unwrap();
        secret.sign(id, timestamp, request.body.as_bytes())
    };
    assert_eq!(request.header("webhook-signature"), SECRETS.map(signed).join(" "));
}

#[tokio::test]
async fn an_id_is_that_of_the_message() {
    let server = Server::start(Habit::Answers("{}".into())).await;
    let (bot, other) = (bot(&server.url, LONG).await, bot(&server.url, LONG).await);
    let alice = bot.follower("alice");
    let said = alice.says("hi").await.sees("echo: hi");
    let same = &said.exchange().deliveries[0].request.body;
    other.follower("alice").sends_raw(std::str::from_utf8(same).unwrap()).await;
    alice.says("hi").await.sees("echo: hi");
    let ids: Vec<_> =
        server.requests().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!(ids[0], ids[1], "one message, worked on twice");
    assert_ne!(ids[0], ids[2], "the same words, but another message");
    assert_eq!(server.requests()[0].header("webhook-signature"), "", "no secret");
}

#[test]
fn the_answer_says_what_is_replied() {
    check(r#"{"reply":"你好"}"#, "你好");
    check(r#"{"reply":{"text":"hi"},"stop":true}"#, "hi");
    check("{\n  \"reply\": \"over lines\"\n}\n", "over lines");
    check("{}", "echo: hi");
    check("", "echo: hi");
    check("\n", "echo: hi");
}

#[tokio::test]
async fn any_kind_of_reply_and_several_can_be_given() {
    let server = Server::start(Habit::Answers(r#"{"reply":{"image":"M1"}}"#.into())).await;
    bot(&server.url, LONG).await.follower("alice").says("hi").await.sees_image("M1");
    server.now(Habit::Answers(r#"{"reply":{"news":[{"title":"t"}]}}"#.into()));
    bot(&server.url, LONG).await.follower("alice").says("hi").await.sees_news(&["t"]);
    server.now(Habit::Answers(r#"{"stop":true}"#.into()));
    bot(&server.url, LONG).await.follower("alice").says("hi").await.sees_nothing().by_nobody();
    server.now(Habit::Sends("HTTP/1.1 204 No Content\r\n\r\n".into()));
    bot(&server.url, LONG).await.follower("alice").says("hi").await.sees("echo: hi").by("echo");
}

#[tokio::test]
async fn messages_share_a_connection() {
    let server = Server::start(Habit::Answers(r#"{"reply":"there"}"#.into())).await;
    let bot = bot(&server.url, LONG).await;
    let alice = bot.follower("alice");
    for _ in 0..5 {
        alice.says("hi").await.sees("there");
    }
    assert_eq!((server.requests().len(), server.connections()), (5, 1));
}

#[tokio::test]
async fn what_takes_longer_is_announced_and_follows() {
    let server = Server::start(Habit::InTwoParts(
        "{\"later\": \"one moment\"}\n".into(),
        "{\"reply\": \"at last\"}".into(),
    ))
    .await;
    let bot = bot(&server.url, "time_limit = '60s'").await;
    let alice = bot.follower("alice");
    let heard = alice.says("hi").await.sees_contains("one moment");
    server.go_on();
    server::until("it is there", || heard.trace().contains("webhook: reply")).await;
    alice.says("1").await.sees_contains("at last");
}

/// The follower may have been told to wait by then: the next link's answer follows, too.
#[tokio::test]
async fn a_promise_that_nothing_follows_is_an_error() {
    let server = Server::start(Habit::Answers("{\"later\":\"wait\"}\n".into())).await;
    let bot = bot(&server.url, LONG).await;
    let heard = bot.follower("alice").says("hi").await;
    server::until("echo was asked", || heard.trace().contains("echo: reply")).await;
    assert!(heard.trace().contains("behind the line with `later`"), "{}", heard.trace());
}

/// What a failing endpoint does, and what the link's error says.
#[tokio::test]
async fn whatever_an_endpoint_does_the_next_link_is_asked() {
    let sends = |text: &str| Habit::Sends(text.into());
    let soon = "time_limit = '200ms'";
    let huge = format!("{{\"reply\":\"{}\"}}", "x".repeat(300_000));
    let table = [
        (Habit::Closes, LONG, "broke off"),
        (Habit::Hangs, soon, "did not answer in time"),
        (Habit::Floods, LONG, "at most 262144 bytes"),
        (Habit::Answers(huge), LONG, "at most 262144 bytes"),
        (Habit::Answers("<html>secret".into()), LONG, "12 bytes that are none"),
        (Habit::Answers(r#"{"replay":"hi"}"#.into()), LONG, "unknown field `replay`"),
        (Habit::Answers(r#"{"reply":1234}"#.into()), LONG, "got integer"),
        (Habit::Answers(r#"{"later":"wait"}"#.into()), LONG, "behind the line with `later`"),
        (sends("HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\n{}"), LONG, "or 204, got 500"),
        (sends("HTTP/1.1 404 No\r\ncontent-length: 2\r\n\r\n{}"), LONG, "or 204, got 404"),
        (
            sends("HTTP/1.1 302 There\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n"),
            LONG,
            "the redirect 302, which is not followed",
        ),
        (
            sends("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"),
            LONG,
            "without a Content-Encoding, got `gzip`",
        ),
        (
            sends("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"),
            LONG,
            "the answer (text/html): expected JSON",
        ),
        (sends("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), LONG, "broke off"),
        (sends("SSH-2.0-OpenSSH_9.9\r\n"), LONG, "broke off"),
    ];
    for (habit, config, expected) in table {
        let server = Server::start(habit.clone()).await;
        let bot = bot(&server.url, config).await;
        let heard = bot.follower("alice").says("very private").await;
        heard.clone().sees("echo: very private").by("echo");
        let told = heard.trace();
        assert!(told.contains(expected), "{habit:?}: {told}");
        assert_eq!(told.matches(expected).count(), 1, "each cause once: {told}");
        for secret in ["secret", "1234", "key=a"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_no_longer_called() {
    let server = Server::start(Habit::Closes).await;
    let bot = bot(&server.url, LONG).await;
    let alice = bot.follower("alice");
    for _ in 0..8 {
        alice.says("hi").await.sees("echo: hi");
    }
    assert_eq!(server.requests().len(), 5, "the circuit is open");
    let heard = alice.says("hi").await.sees("echo: hi");
    assert!(heard.trace().contains("not called: 5 calls in a row failed"), "{}", heard.trace());
}

#[tokio::test]
async fn nothing_else_is_called() {
    let other = Server::start(Habit::Answers("{}".into())).await;
    let redirect = format!("HTTP/1.1 307 There\r\nlocation: {}\r\n\r\n", other.url);
    let server = Server::start(Habit::Sends(redirect)).await;
    bot(&server.url, LONG).await.follower("alice").says(&other.url).await.sees_contains("echo: ");
    let answer = format!(r#"{{"reply":{{"news":[{{"title":"t","url":"{}"}}]}}}}"#, other.url);
    server.now(Habit::Answers(answer));
    bot(&server.url, LONG).await.follower("alice").says("hi").await.sees_news(&["t"]);
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn calls_at_once_are_bounded() {
    let server = Server::start(Habit::Hangs).await;
    let config = "time_limit = '300ms'\nconcurrency = 1";
    let bot = bot(&server.url, config).await;
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    let (one, two) = tokio::join!(alice.says("hi"), bob.says("hi"));
    let told = [one.sees("echo: hi").trace(), two.sees("echo: hi").trace()];
    let busy = told.iter().filter(|told| told.contains("1 calls are under way already")).count();
    assert!(busy <= 1 && server.connections() <= 2, "{told:?}");
}

/// A bot that knows WeChat, and what follows of what it sends.
#[tokio::test]
async fn a_bot_written_for_wechat_is_a_link_unchanged() {
    let xml = "<xml><ToUserName><![CDATA[o]]></ToUserName><FromUserName>g</FromUserName>\
               <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>there</Content></xml>";
    let server = Server::start(Habit::Answers(xml.into())).await;
    let wechat = format!("{LONG}\nformat = 'wechat'\ntoken = 'tokenALPHA1'\n");
    let bot = bot(&server.url, &wechat).await;
    let alice = bot.follower("alice");
    let said = alice.says("<hi> ]]> 😀").await.sees("there").by("webhook");
    let request = server.only_request();
    let original = &said.exchange().deliveries[0].request;
    assert_eq!(request.body.as_bytes(), &original.body[..], "what WeChat posted");
    assert_eq!(request.header("content-type"), "text/xml");
    let query = request.head.split(['?', ' ']).nth(2).unwrap();
    let names: Vec<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    assert_eq!(names, ["key", "signature", "timestamp", "nonce", "openid"]);

    alice.clicks("HELP").await.sees("there");
    assert!(server.requests()[1].body.contains("<EventKey><![CDATA[HELP]]></EventKey>"));
    for nothing in ["success", ""] {
        server.now(Habit::Answers(nothing.into()));
        alice.says("hi").await.sees("echo: hi").by("echo");
    }
    server.now(Habit::Answers("<html>".into()));
    let told = alice.says("hi").await.sees("echo: hi").trace();
    assert!(told.contains("expected WeChat's passive reply in XML"), "{told}");
}

#[tokio::test]
async fn a_bot_for_wechat_may_have_the_last_word() {
    let server = Server::start(Habit::Answers("success".into())).await;
    let config = "format = 'wechat'\ntoken = 'tokenALPHA1'\nsilence = 'stop'";
    let bot = bot(&server.url, config).await;
    bot.follower("alice").says("hi").await.sees_nothing().by_nobody();
}

#[tokio::test]
async fn a_wrong_setting_says_what_would_be_right() {
    let url = "url = 'http://127.0.0.1:9/'\n";
    let table = [
        ("".into(), "`url` is a URL such as"),
        ("url = 'localhost/hook'".into(), "`url` is a URL such as"),
        ("url = 'ftp://localhost/'".into(), "got one of `ftp:`"),
        (format!("{url}secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'"), "begin with `whsec_`"),
        (format!("{url}secret = ['{}', 'whsec_AAEC']", SECRETS[0]), "this one has 3 bytes"),
        (format!("{url}concurrency = 0"), "a number from 1 to 1024"),
        (format!("{url}time_limit = '5'"), "not a duration"),
        (format!("{url}format = 'xml'"), "expected `json` or `wechat`"),
        (format!("{url}format = 'wechat'"), "needs the `token` that the bot knows"),
        (format!("{url}token = 'tokenALPHA1'"), "`secret` signs JSON"),
        (format!("{url}silence = 'stop'"), "in JSON answer {\"stop\": true}"),
        (format!("{url}secrets = ''"), "did you mean `secret`?"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Webhook>(&config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
        assert!(!error.contains("MfKQ9r8GKYqrTwjU"), "{error}");
    }
}
