//! WeChat's API fails: after some calls the others fail at once, until one is answered again.

use std::error::Error;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream;
use tokio::time::{Instant, advance, timeout};
use wxbot_client::Client;
use wxbot_sdk::api::{Api, ApiError, Class, FileContent, MediaKind, Upload};

use crate::wechat::{Odd, WeChat, memory};

const MENU: &str = "/cgi-bin/menu/get";
const STABLE: &str = "/cgi-bin/stable_token";

async fn call(client: &Client) -> Result<(), ApiError> {
    client.get(MENU).await.map(drop)
}

/// A client with a token, whose circuit is open: five calls found `odd`, one after the other.
async fn opened_by(odd: fn() -> Odd) -> (WeChat, Client) {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    call(&client).await.unwrap();
    for _ in 0..5 {
        wechat.next(MENU, odd());
        let error = call(&client).await.unwrap_err();
        assert!(!matches!(error, ApiError::CircuitOpen { .. }), "too early: {error}");
    }
    assert_eq!(wechat.calls().len(), 6);
    (wechat, client)
}

/// For how many seconds the circuit is open.
fn open_for(error: &ApiError) -> u64 {
    let ApiError::CircuitOpen { retry_after, .. } = error else { panic!("{error:?}") };
    retry_after.as_secs()
}

#[tokio::test(start_paused = true)]
async fn five_calls_in_a_row_that_are_not_answered_open_the_circuit() {
    let odds: [fn() -> Odd; 6] = [
        || Odd::Never,
        || Odd::NotSent,
        || Odd::Unclear,
        || Odd::Status(500),
        || Odd::Status(503),
        || Odd::Answer("<html>"),
    ];
    for odd in odds {
        let (wechat, client) = opened_by(odd).await;
        let start = Instant::now();
        for error in join_all((0..100).map(|_| call(&client))).await {
            let error = error.unwrap_err();
            assert_eq!((error.class(), open_for(&error)), (Class::Transient, 2));
            let failure = error.source().expect("the last failure").to_string();
            assert!(failure.starts_with(MENU), "{failure}");
        }
        assert!(start.elapsed().is_zero(), "nobody waited");
        assert_eq!(wechat.calls().len(), 6, "none was made");
    }
}

#[tokio::test(start_paused = true)]
async fn one_call_is_tried_and_closes_the_circuit() {
    let (wechat, client) = opened_by(|| Odd::Never).await;
    advance(Duration::from_secs(2)).await;
    let calls = join_all((0..100).map(|_| call(&client))).await;
    assert_eq!(calls.iter().filter(|call| call.is_ok()).count(), 1);
    assert!(calls.iter().flat_map(|call| call.as_ref().err()).all(|error| open_for(error) == 1));
    assert_eq!(wechat.calls().len(), 7, "one was tried");
    let calls = join_all((0..100).map(|_| call(&client))).await;
    assert!(calls.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn an_api_that_stays_away_is_tried_once_a_minute() {
    let (wechat, client) = opened_by(|| Odd::NotSent).await;
    for seconds in [2, 5, 15, 30, 60, 60, 60] {
        assert_eq!(open_for(&call(&client).await.unwrap_err()), seconds);
        advance(Duration::from_secs(seconds)).await;
        wechat.next(MENU, Odd::NotSent);
        let error = call(&client).await.unwrap_err();
        assert!(matches!(error, ApiError::Unreachable { .. }), "it was tried: {error:?}");
    }
    advance(Duration::from_secs(60)).await;
    call(&client).await.unwrap();
    for _ in 0..4 {
        wechat.next(MENU, Odd::NotSent);
        call(&client).await.unwrap_err();
    }
    call(&client).await.expect("it is closed, and counts from one again");
}

#[tokio::test(start_paused = true)]
async fn what_wechat_answers_is_no_failure_of_its_api() {
    let refusals = [
        r#"{"errcode":-1,"errmsg":"system error"}"#,
        r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#,
        r#"{"errcode":48001,"errmsg":"api unauthorized"}"#,
    ];
    for refusal in refusals {
        let wechat = WeChat::new();
        let client = wechat.client(memory());
        for _ in 0..4 {
            wechat.next(MENU, Odd::NotSent);
            call(&client).await.unwrap_err();
        }
        for _ in 0..20 {
            wechat.next(MENU, Odd::Answer(refusal));
            assert!(call(&client).await.unwrap_err().code().is_some(), "{refusal}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_neither_opens_the_circuit_nor_is_hidden_by_it() {
    let refused = r#"{"errcode":40164,"errmsg":"invalid ip 203.0.113.7, not in whitelist"}"#;
    let wechat = WeChat::new();
    wechat.always(STABLE, refused);
    let client = wechat.client(memory());
    for _ in 0..20 {
        let error = call(&client).await.unwrap_err();
        assert!(error.to_string().contains("203.0.113.7"), "{error}");
    }

    let (wechat, client) = opened_by(|| Odd::Never).await;
    advance(Duration::from_secs(7200)).await;
    wechat.always(STABLE, refused);
    for _ in 0..20 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.class(), Class::OperatorMustFix, "{error}");
    }
    wechat.never_mind();
    advance(Duration::from_secs(60)).await;
    call(&client).await.expect("there is a token, and it is time to try");
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_nobody_waits_for_is_left_to_another_call() {
    let (wechat, client) = opened_by(|| Odd::NotSent).await;
    advance(Duration::from_secs(2)).await;
    wechat.next(MENU, Odd::Never);
    timeout(Duration::from_secs(1), call(&client)).await.expect_err("it hangs");
    call(&client).await.expect("it is the next that is tried");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_can_not_be_sent_says_nothing_of_wechat() {
    let (_wechat, client) = opened_by(|| Odd::NotSent).await;
    advance(Duration::from_secs(3)).await;
    let upload = Upload {
        kind: MediaKind::Image,
        filename: "tea.png".into(),
        content_type: "image/png".into(),
        content: FileContent::stream(1, stream::empty()),
    };
    let error = client.upload(upload).await.unwrap_err();
    assert!(matches!(error, ApiError::Content { .. }), "it was tried: {error:?}");
    assert!(client.condition().circuit_open);
    call(&client).await.expect("another call is tried at once");
    assert!(!client.condition().circuit_open);
}
