//! One process: who fetches a token, and when.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, advance, sleep};
use wxbot_client::{Client, TokenKind};
use wxbot_sdk::api::{Api, ApiError};

use crate::stores::{Quirk, Quirky};
use crate::wechat::{APP_SECRET, Odd, WeChat, memory, settings};

const MENU: &str = "/cgi-bin/menu/get";
const STABLE: &str = "/cgi-bin/stable_token";

async fn call(client: &Client) -> Result<(), ApiError> {
    client.get(MENU).await.map(drop)
}

/// Many tasks call at once; all succeed.
async fn all_call(client: &Client, tasks: usize) {
    for answer in join_all((0..tasks).map(|_| call(client))).await {
        answer.expect("every call is answered");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stable_token_is_asked_for_without_force_and_kept_out_of_the_query() {
    let wechat = WeChat::new();
    call(&wechat.client(memory())).await.unwrap();
    let asked = wechat.token_calls();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].request.query, []);
    let body = asked[0].body();
    assert_eq!(body["grant_type"], "client_credential");
    assert_eq!((&body["secret"], &body["force_refresh"]), (&APP_SECRET.into(), &false.into()));
    assert_eq!(wechat.calls()[0].query("access_token"), Some("canary-token-1"));
}

#[tokio::test(start_paused = true)]
async fn a_plain_token_is_asked_for_as_the_old_page_says() {
    let wechat = WeChat::new();
    call(&wechat.client_with(&settings(TokenKind::Plain), memory())).await.unwrap();
    let asked = wechat.token_calls();
    assert_eq!((asked.len(), asked[0].request.path.as_str()), (1, "/cgi-bin/token"));
    assert_eq!(asked[0].query("grant_type"), Some("client_credential"));
    assert_eq!(asked[0].query("secret"), Some(APP_SECRET));
}

#[tokio::test(start_paused = true)]
async fn fifty_tasks_without_a_token_fetch_one() {
    let wechat = WeChat::new();
    all_call(&wechat.client(memory()), 50).await;
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fifty_tasks_with_an_expired_token_fetch_one() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    call(&client).await.unwrap();
    advance(Duration::from_secs(7200)).await;
    all_call(&client, 50).await;
    assert_eq!(wechat.token_calls().len(), 2);
    assert_eq!(wechat.calls().len(), 51, "nobody used the expired one");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_its_end_and_used_meanwhile() {
    for (kind, still_good, due) in [(TokenKind::Stable, 6900, 7021), (TokenKind::Plain, 6480, 6601)]
    {
        let wechat = WeChat::new();
        let client = wechat.client_with(&settings(kind), memory());
        call(&client).await.unwrap();
        advance(Duration::from_secs(still_good)).await;
        call(&client).await.unwrap();
        assert_eq!(wechat.token_calls().len(), 1, "{kind:?}: too early");

        advance(Duration::from_secs(due - still_good)).await;
        all_call(&client, 50).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(wechat.token_calls().len(), 2, "{kind:?}");
        let tokens = wechat.calls().into_iter().skip(2);
        let old = |call: &crate::wechat::Seen| call.query("access_token") == Some("canary-token-1");
        assert!(tokens.clone().all(|call| old(&call)), "{kind:?}: nobody waited for the new one");
        call(&client).await.unwrap();
        let last = wechat.calls().pop().unwrap();
        assert_eq!(last.query("access_token"), Some("canary-token-2"), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_of_calls_asks_for_a_token_every_two_hours() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    for _ in 0..12 * 24 {
        call(&client).await.unwrap();
        advance(Duration::from_secs(300)).await;
    }
    let asked = wechat.token_calls().len();
    assert!((12..=14).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_wechat_gives_for_a_second_is_asked_for_once_a_minute() {
    let wechat = WeChat::new();
    wechat.always(STABLE, r#"{"access_token":"short","expires_in":"1"}"#);
    let client = wechat.client(memory());
    for _ in 0..150 {
        wechat.next(MENU, Odd::Answer(r#"{"errcode":0}"#));
        call(&client).await.unwrap();
        advance(Duration::from_secs(4)).await;
    }
    let asked = wechat.token_calls().len();
    assert!((9..=11).contains(&asked), "{asked} in ten minutes");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_with_a_spent_token_renew_it_once_and_are_made_once_more() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    call(&client).await.unwrap();
    wechat.replace_token();
    all_call(&client, 1000).await;
    assert_eq!(wechat.token_calls().len(), 2);
    assert_eq!(wechat.calls().len(), 1 + 2 * 1000);
}

#[tokio::test(start_paused = true)]
async fn every_code_of_a_spent_token_is_tried_once_more_and_no_other() {
    let codes = [
        (r#"{"errcode":40001,"errmsg":"x"}"#, 2),
        (r#"{"errcode":40014,"errmsg":"x"}"#, 2),
        (r#"{"errcode":42001,"errmsg":"x"}"#, 2),
        (r#"{"errcode":"42001","errmsg":"x"}"#, 2),
        (r#"{"errcode":41001,"errmsg":"x"}"#, 1),
        (r#"{"errcode":-1,"errmsg":"x"}"#, 1),
        (r#"{"errcode":45009,"errmsg":"x"}"#, 1),
    ];
    for (answer, calls) in codes {
        let wechat = WeChat::new();
        wechat.next(MENU, Odd::Answer(answer));
        assert_eq!(call(&wechat.client(memory())).await.is_ok(), calls == 2, "{answer}");
        assert_eq!(wechat.calls().len(), calls, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_wechat_refuses_and_gives_out_is_replaced_by_force() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    call(&client).await.unwrap();
    wechat.revoke_token();
    all_call(&client, 100).await;
    let forced = |call: &crate::wechat::Seen| call.body()["force_refresh"] == true;
    let forced: Vec<_> = wechat.token_calls().iter().map(forced).collect();
    assert_eq!(forced, [false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn force_is_used_every_31_seconds_and_20_times_a_day_at_most() {
    let wechat = WeChat::new();
    wechat.always(MENU, r#"{"errcode":40001,"errmsg":"for another reason"}"#);
    let client = wechat.client(memory());
    for _ in 0..3600 {
        let error = call(&client).await.expect_err("it is always refused");
        assert_eq!(error.code(), Some(40001), "{error}");
        advance(Duration::from_secs(4)).await;
    }
    let calls = wechat.token_calls();
    let forced: Vec<_> = calls.iter().filter(|call| call.body()["force_refresh"] == true).collect();
    assert_eq!(forced.len(), 20);
    for pair in forced.windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_secs(31));
    }
    // Around each forced one a few in vain, then one a minute for what is left of five hours.
    assert!(calls.len() < 20 * 5 + 5 * 60, "{}", calls.len());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_always_refused_for_its_token_does_no_harm_to_the_others() {
    let wechat = WeChat::new();
    wechat.always(MENU, r#"{"errcode":40001,"errmsg":"for another reason"}"#);
    let client = wechat.client(memory());
    for _ in 0..2000 {
        call(&client).await.unwrap_err();
        client.get("/cgi-bin/user/get").await.expect("its token is good");
        advance(Duration::from_secs(5)).await;
    }
    let last = wechat.calls().pop().unwrap();
    assert_eq!(last.query("access_token"), Some("canary-token-22"), "20 by force, one by age");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_twice_for_its_token_is_refused() {
    let wechat = WeChat::new();
    wechat.next(MENU, Odd::Answer(r#"{"errcode":40001,"errmsg":"once"}"#));
    wechat.next(MENU, Odd::Answer(r#"{"errcode":40001,"errmsg":"twice"}"#));
    let error = call(&wechat.client(memory())).await.unwrap_err();
    assert!(error.to_string().contains("twice"), "{error}");
    assert_eq!(wechat.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_plain_token_that_somebody_else_keeps_replacing_does_not_use_up_the_day() {
    let wechat = WeChat::new();
    wechat.always(MENU, r#"{"errcode":40001,"errmsg":"not latest"}"#);
    let client = wechat.client_with(&settings(TokenKind::Plain), memory());
    for _ in 0..3600 {
        call(&client).await.unwrap_err();
        advance(Duration::from_secs(4)).await;
    }
    let asked = wechat.token_calls();
    assert!((150..=210).contains(&asked.len()), "{}", asked.len());
    // The first is asked for as there is none, and not counted.
    for pair in asked[1..].windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_secs(31));
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_store_every_process_has_a_token_of_its_own() {
    for quirk in [Quirk::Refuses, Quirk::Hangs] {
        let wechat = WeChat::new();
        let client = wechat.client(Quirky::new(quirk));
        let start = Instant::now();
        all_call(&client, 50).await;
        wechat.replace_token();
        all_call(&client, 50).await;
        assert_eq!(wechat.token_calls().len(), 2);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_store_and_without_wechat_nobody_waits_in_a_row() {
    for quirk in [Quirk::Refuses, Quirk::Hangs] {
        let wechat = WeChat::new();
        wechat.always(STABLE, r#"{"errcode":-1,"errmsg":"system error"}"#);
        let client = wechat.client(Quirky::new(quirk));
        let start = Instant::now();
        let calls = join_all((0..1000).map(|_| call(&client))).await;
        assert!(calls.iter().all(Result::is_err));
        assert_eq!(wechat.token_calls().len(), 1);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_delays_the_first_call_and_no_other() {
    let wechat = WeChat::new();
    let slow = Quirky::new(Quirk::Slow(Duration::from_millis(900)));
    let client = wechat.client(slow);
    let start = Instant::now();
    all_call(&client, 50).await;
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    let start = Instant::now();
    all_call(&client, 10).await;
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    assert_eq!(wechat.token_calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_stops_waiting_does_not_stop_the_others() {
    let wechat = WeChat::new();
    wechat.next(STABLE, Odd::After(Duration::from_secs(2)));
    let client = wechat.client(memory());
    let impatient = tokio::time::timeout(Duration::from_secs(1), call(&client));
    impatient.await.expect_err("it takes two seconds");
    call(&client).await.unwrap();
    assert_eq!(wechat.token_calls().len(), 1);
}
