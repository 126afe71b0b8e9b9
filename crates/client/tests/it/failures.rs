//! WeChat gives no token: what callers hear, and how often it is asked again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, advance};
use wxbot_client::{Client, Settings, TokenKind};
use wxbot_sdk::api::{Api, ApiError};

use crate::stores::{Quirk, Quirky};
use crate::wechat::{Odd, WeChat, memory, settings};

const MENU: &str = "/cgi-bin/menu/get";
const STABLE: &str = "/cgi-bin/stable_token";
const NOT_LISTED: &str = r#"{"errcode":40164,"errmsg":"invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3"}"#;

async fn call(client: &Client) -> Result<(), ApiError> {
    client.get(MENU).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_not_listed_is_named_to_every_caller() {
    let wechat = WeChat::new();
    wechat.always(STABLE, NOT_LISTED);
    let client = wechat.client(memory());
    for error in join_all((0..50).map(|_| call(&client))).await {
        let error = error.unwrap_err();
        assert!(matches!(error, ApiError::NoToken { .. }) && error.code().is_none(), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("add 203.0.113.7 to the account's IP white list"), "{text}");
        assert!(text.starts_with(MENU) && text.contains(STABLE), "{text}");
    }
    assert_eq!((wechat.token_calls().len(), wechat.calls().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_only_the_operator_can_put_right_is_asked_for_once_a_minute() {
    for answer in [
        NOT_LISTED,
        r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#,
        r#"{"errcode":40013,"errmsg":"invalid appid"}"#,
        r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#,
    ] {
        let wechat = WeChat::new();
        wechat.always(STABLE, answer);
        let client = wechat.client(memory());
        for _ in 0..600 {
            call(&client).await.unwrap_err();
            advance(Duration::from_secs(1)).await;
        }
        let asked = wechat.token_calls().len();
        assert!((9..=10).contains(&asked), "{answer}: {asked} in ten minutes");
        wechat.never_mind();
        advance(Duration::from_secs(60)).await;
        call(&client).await.expect("it was put right");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wechat_that_is_down_is_asked_more_and_more_rarely() {
    let wechat = WeChat::new();
    for _ in 0..1000 {
        wechat.next(STABLE, Odd::NotSent);
    }
    let client = wechat.client(memory());
    for _ in 0..600 {
        let error = call(&client).await.unwrap_err();
        assert!(error.to_string().contains("can't be reached"), "{error}");
        advance(Duration::from_secs(1)).await;
    }
    let asked: Vec<Instant> = wechat.token_calls().iter().map(|call| call.at).collect();
    let pauses: Vec<_> = asked.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(pauses[..4], [5, 15, 30, 60]);
    assert!(pauses[4..].iter().all(|pause| *pause == 60), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_known_to_all_instances() {
    let (wechat, store) = (WeChat::new(), memory());
    wechat.always(STABLE, NOT_LISTED);
    call(&wechat.client(Arc::clone(&store))).await.unwrap_err();
    for _ in 0..10 {
        let error = call(&wechat.client(Arc::clone(&store))).await.unwrap_err();
        assert!(error.to_string().contains("203.0.113.7"), "{error}");
    }
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_backoff_ends_by_the_process_own_clock_where_the_store_forgets_nothing() {
    let wechat = WeChat::new();
    wechat.always(STABLE, NOT_LISTED);
    let store = Quirky::new(Quirk::ForgetsNothing);
    let [one, other] = [wechat.client(store.clone()), wechat.client(store)];
    for asked in 1..=3 {
        call(&one).await.unwrap_err();
        call(&other).await.unwrap_err();
        assert_eq!(wechat.token_calls().len(), asked);
        advance(Duration::from_secs(61)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_is_used_while_there_is_no_new_one() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    call(&client).await.unwrap();
    wechat.always(STABLE, r#"{"errcode":-1,"errmsg":"system error"}"#);
    advance(Duration::from_secs(7021)).await;
    for _ in 0..17 {
        call(&client).await.expect("the old one is good for three minutes");
        advance(Duration::from_secs(10)).await;
    }
    let asked = wechat.token_calls().len();
    assert!((4..=6).contains(&asked), "{asked}");
    advance(Duration::from_secs(60)).await;
    call(&client).await.expect_err("it has expired");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_token_is_a_failure_like_any_other() {
    let answers = [
        (Odd::Answer("{}"), "no token"),
        (Odd::Answer(r#"{"access_token":"","expires_in":7200}"#), "no token"),
        (Odd::Answer(r#"{"access_token":"x"}"#), "no token"),
        (Odd::Answer(r#"{"access_token":"x","expires_in":-5}"#), "no token"),
        (Odd::Answer("<html>"), "not JSON"),
        (Odd::Status(502), "502"),
        (Odd::Unclear, "connection reset"),
        (Odd::Never, "no answer within 5s"),
    ];
    for (answer, expected) in answers {
        let wechat = WeChat::new();
        wechat.next(STABLE, answer);
        let error = call(&wechat.client(memory())).await.unwrap_err();
        let ApiError::NoToken { cause, .. } = &error else { panic!("{error:?}") };
        let source = std::error::Error::source(cause).expect("it has a cause").to_string();
        assert!(source.contains(expected), "{source}");
        assert_eq!(wechat.calls().len(), 0, "nothing was called");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_without_its_keys_says_which() {
    let missing = [
        (Settings { app_id: None, ..settings(TokenKind::Stable) }, "app_id"),
        (Settings { app_id: Some("".into()), ..settings(TokenKind::Stable) }, "app_id"),
        (Settings { app_secret: None, ..settings(TokenKind::Stable) }, "app_secret"),
        (Settings { app_secret: Some("".into()), ..settings(TokenKind::Stable) }, "app_secret"),
    ];
    for (settings, key) in missing {
        let wechat = WeChat::new();
        let error = call(&wechat.client_with(&settings, memory())).await.unwrap_err();
        let expected = format!("{MENU}: account `main` needs `{key}` in bot.toml for that");
        assert_eq!(error.to_string(), expected);
    }
}
