//! Answers that the handler posts: to the console of a bot that is served, over real sockets.

use reqwest::Client;
use serde_json::{Value, json};
use wxbot_testkit::TestBot;

use super::super::*;
use super::server::{Habit, Server, until};
use super::{LONG, bot};

/// As the handler would reach the console, if tests knew its port before.
const CALLBACK: &str = "callback = 'http://console.example/'";

/// The callback of the last request.
fn callback(server: &Server) -> Value {
    let request = server.requests().pop().expect("there was one");
    let posted: Value = serde_json::from_str(&request.body).unwrap();
    posted["callback"].clone()
}

/// What the console says to this answer: the status, and its outcome.
async fn post(bot: &TestBot, url: &Value, token: Option<&str>, answer: &str) -> (u16, String) {
    let url = url.as_str().unwrap().strip_prefix("http://console.example").unwrap();
    let mut request = Client::new()
        .post(format!("http://{}{url}", bot.console().unwrap()))
        .body(answer.to_owned());
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["message"].is_string(), status != 202, "{body}");
    (status, body["outcome"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_answer_is_taken_once_and_with_its_token_alone() {
    let server = Server::start(Habit::Answers(r#"{"later":"one moment"}"#.into())).await;
    let bot = bot(&server.url, &format!("{LONG}\n{CALLBACK}")).await;
    let alice = bot.follower("alice");
    let heard = alice.says("hi").await.sees_contains("one moment");
    let callback = callback(&server);
    let (url, token) = (&callback["url"], callback["token"].as_str().unwrap());
    assert!(callback["expires_ms"].as_u64().unwrap() > 100_000, "{callback}");
    assert_eq!(token.len(), 64, "256 bits in hex");
    let of_nobody = json!(format!("{}0", url.as_str().unwrap()));
    let answer = r#"{"reply":"at last"}"#;
    let huge = format!("{{\"reply\":\"{}\"}}", "x".repeat(300_000));
    let table = [
        (url, None, answer, (401, "wrong_token"), "no token"),
        (url, Some("0f1e2d3c4b5a6978"), answer, (401, "wrong_token"), "another one"),
        (url, Some(""), answer, (401, "wrong_token"), "an empty one"),
        (&of_nobody, Some(token), answer, (404, "unknown_or_expired"), "another message"),
        (url, Some(token), "garbage", (400, "invalid"), "no JSON"),
        (url, Some(token), r#"{"later":"wait"}"#, (400, "invalid"), "a promise again"),
        (url, Some(token), &huge, (413, "invalid"), "too large"),
        (url, Some(token), answer, (202, "accepted"), "after all of these"),
        (url, Some(token), answer, (409, "used"), "once only"),
    ];
    for (url, token, answer, (status, outcome), reason) in table {
        let expected = (status, outcome.to_owned());
        assert_eq!(post(&bot, url, token, answer).await, expected, "{reason}");
    }
    until("it is there", || heard.trace().contains("webhook: reply")).await;
    alice.says("1").await.sees_contains("at last");
    assert_eq!(
        server.requests()[0].header("webhook-id"),
        url.as_str().unwrap().rsplit('/').next().unwrap()
    );
}

/// A token of one message answers no other.
#[tokio::test]
async fn a_token_is_for_one_message() {
    let server = Server::start(Habit::Answers(r#"{"later":"one moment"}"#.into())).await;
    let bot = bot(&server.url, &format!("{LONG}\n{CALLBACK}")).await;
    bot.follower("alice").says("hi").await.sees_contains("one moment");
    let of_alice = callback(&server);
    bot.follower("bob").says("hi").await.sees_contains("one moment");
    let of_bob = callback(&server);
    assert_ne!((&of_alice["url"], &of_alice["token"]), (&of_bob["url"], &of_bob["token"]));
    let token = of_alice["token"].as_str();
    let (status, _) = post(&bot, &of_bob["url"], token, r#"{"reply":"for alice"}"#).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn nothing_is_taken_once_the_response_was_an_answer() {
    let server = Server::start(Habit::Answers(r#"{"reply":"there"}"#.into())).await;
    let bot = bot(&server.url, &format!("{LONG}\n{CALLBACK}")).await;
    bot.follower("alice").says("hi").await.sees("there");
    let callback = callback(&server);
    let answered = post(&bot, &callback["url"], callback["token"].as_str(), "{}").await;
    assert_eq!(answered, (404, "unknown_or_expired".to_owned()));
}

/// It was taken, so it counts, whatever becomes of the response.
#[tokio::test]
async fn an_answer_that_was_posted_counts_although_the_call_fails() {
    let server = Server::start(Habit::Hangs).await;
    let bot = bot(&server.url, &format!("time_limit = '3s'\n{CALLBACK}")).await;
    let alice = bot.follower("alice");
    let posts = async {
        while server.requests().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let callback = callback(&server);
        let token = callback["token"].as_str();
        let answered = post(&bot, &callback["url"], token, r#"{"reply":"by itself"}"#).await;
        assert_eq!(answered.0, 202);
    };
    let (heard, ()) = tokio::join!(alice.says("hi"), posts);
    heard.sees("by itself").by("webhook");
}

/// Then nobody waits, and the next link was asked.
#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_not_taken() {
    let server = Server::start(Habit::Answers(r#"{"later":""}"#.into())).await;
    let chain = format!(
        "[[chain]]\nplugin = 'webhook'\ntimeout = '500ms'\n[chain.config]\nurl = '{}'\n{CALLBACK}\n\
         [[chain]]\nplugin = 'echo'\n[chain.config]\nprefix = 'echo: '\n",
        server.url
    );
    let bot = TestBot::setup(&chain).over_http().start().await.unwrap();
    bot.follower("alice").says("hi").await.sees("echo: hi").by("echo");
    let callback = callback(&server);
    let answered = post(&bot, &callback["url"], callback["token"].as_str(), "{}").await;
    assert_eq!(answered, (404, "unknown_or_expired".to_owned()));
}

#[tokio::test]
async fn a_callback_needs_an_address() {
    for address in ["console", "ftp://127.0.0.1/", "http://127.0.0.1:8081/?a=b"] {
        let config = format!("url = 'http://127.0.0.1:9/'\ncallback = '{address}'");
        let error = TestBot::with::<Webhook>(&config).await.expect_err(&config).to_string();
        assert!(error.contains("`callback` is where the console is reached"), "{error}");
    }
}

#[tokio::test]
async fn a_bot_that_takes_wechats_xml_has_no_callback() {
    let config = "url = 'http://127.0.0.1:1/'\nformat = 'wechat'\ntoken = 'botTOKEN1'\n\
                  callback = 'http://127.0.0.1:8081'";
    let error = TestBot::with::<Webhook>(config).await.expect_err("it would be ignored");
    assert!(error.to_string().contains("`callback` is for `format = \"json\"`"), "{error}");
}
