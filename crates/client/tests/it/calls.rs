//! What goes out, and what an error says of it.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use wxbot_client::Method;
use wxbot_sdk::api::{Api, ApiError, Call};
use wxbot_sdk::custom::CustomMessage;

use crate::wechat::{Odd, WeChat, memory};

const SEND: &str = "/cgi-bin/message/custom/send";

#[tokio::test(start_paused = true)]
async fn a_message_goes_out_in_utf_8_without_escapes() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    client.send("oTEST_1", &CustomMessage::text("你好\u{1F600}\u{1}\n")).await.unwrap();
    let call = wechat.calls().pop().unwrap();
    assert_eq!((call.request.method, call.request.path.as_str()), (Method::Post, SEND));
    let body = call.request.body.as_ref().unwrap();
    assert_eq!(body.content_type, "application/json; charset=utf-8");
    let bytes = call.bytes();
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(text.contains("\"你好\u{1F600}\\n\"") && !text.contains("\\u"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn typing_is_shown_and_taken_back() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    client.typing("o1").await.unwrap();
    client.cancel_typing("o1").await.unwrap();
    let bodies: Vec<_> = wechat.calls().iter().map(|call| call.body()).collect();
    let command = |command| json!({"touser": "o1", "command": command});
    assert_eq!(bodies, [command("Typing"), command("CancelTyping")]);
}

#[tokio::test(start_paused = true)]
async fn a_get_keeps_its_query_beside_the_token() {
    let wechat = WeChat::new();
    let call = Call::get("/cgi-bin/user/info").with("openid", "o1").with("lang", "zh_CN");
    wechat.client(memory()).request(call).await.unwrap();
    let call = wechat.calls().pop().unwrap();
    assert_eq!(call.request.method, Method::Get);
    let names: Vec<_> = call.request.query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["access_token", "openid", "lang"]);
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_is_known_of_the_call() {
    let odds = [
        (Odd::NotSent, "Unreachable", "it never left"),
        (Odd::Unclear, "Unclear", "it may have arrived"),
        (Odd::Never, "Unclear", "nobody answers"),
        (Odd::Status(500), "Unclear", "something between"),
        (Odd::Status(503), "Unavailable", "something between that did not pass it on"),
        (Odd::Answer("<html>"), "Unclear", "not JSON"),
        (Odd::Answer(r#"{"errcode":45015,"errmsg":"x"}"#), "Refused", "WeChat says so"),
    ];
    for (odd, expected, reason) in odds {
        let wechat = WeChat::new();
        wechat.next(SEND, odd);
        let client = wechat.client(memory());
        let error = client.send("o1", &CustomMessage::text("hi")).await.expect_err(reason);
        let known = match &error {
            ApiError::Unreachable { .. } => "Unreachable",
            ApiError::Unclear { .. } => "Unclear",
            ApiError::Unavailable { .. } => "Unavailable",
            ApiError::Refused { .. } => "Refused",
            other => panic!("{other:?}"),
        };
        assert_eq!(known, expected, "{reason}: {error}");
        assert_eq!(wechat.calls().len(), 1, "{reason}: it is not made again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_when_its_time_is_over() {
    let wechat = WeChat::new();
    wechat.next(SEND, Odd::Never);
    let client = wechat.client(memory());
    let start = Instant::now();
    client.send("o1", &CustomMessage::text("hi")).await.unwrap_err();
    let took = start.elapsed();
    assert!((10_000..10_500).contains(&took.as_millis()), "{took:?}");
    assert!(took > Duration::ZERO);
}
