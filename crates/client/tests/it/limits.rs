//! How many calls are made at once, which wait, and in which order they leave.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};
use wxbot_client::Client;
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::custom::CustomMessage;

use crate::wechat::{Odd, WeChat, memory};

const TYPING: &str = "/cgi-bin/message/custom/typing";
const FILE: &str = "/cgi-bin/media/get";
const SEND: &str = "/cgi-bin/message/custom/send";
/// As many as are made at once, and as may wait for that.
const CALLS: usize = 16;
const WAITING: usize = 4096;

async fn send(client: &Client, openid: &str, text: &str) -> Result<(), ApiError> {
    client.send(openid, &CustomMessage::text(text)).await
}

/// Follower and text of each message that WeChat got, in order.
fn messages(wechat: &WeChat) -> Vec<(String, String)> {
    let calls = wechat.calls().into_iter().filter(|call| call.request.path == SEND);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    calls
        .map(|call| (text(&call.body()["touser"]), text(&call.body()["text"]["content"])))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_followers_are_sent_to_by_sixteen_in_the_order_in_which_they_came() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    client.get("/cgi-bin/menu/get").await.expect("there is a token now");
    let openids: Vec<_> = (0..1000).map(|at| format!("o{at}")).collect();
    let tasks = openids.iter().map(|openid| {
        let (client, openid) = (client.clone(), openid.clone());
        tokio::spawn(async move { send(&client, &openid, "hi").await })
    });
    let sent = join_all(tasks).await;
    assert!(sent.iter().all(|sent| matches!(sent, Ok(Ok(())))));
    assert_eq!(wechat.most_running(), CALLS);
    let got: Vec<_> = messages(&wechat).into_iter().map(|(openid, _)| openid).collect();
    assert!(got == openids, "{got:?}");
}

#[tokio::test(start_paused = true)]
async fn what_goes_to_one_follower_goes_in_order_and_keeps_nobody_else_waiting() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    send(&client, "o0", "first of all, for a token").await.unwrap();
    let start = Instant::now();
    let texts: Vec<_> = (0..50).map(|at| at.to_string()).collect();
    let many = join_all(texts.iter().map(|text| send(&client, "o1", text)));
    let one = async {
        send(&client, "o2", "hi").await.unwrap();
        start.elapsed()
    };
    let (many, took) = tokio::join!(many, one);
    assert!(many.iter().all(Result::is_ok));
    assert_eq!(took.as_millis(), 50, "it did not wait for the others");
    assert_eq!(wechat.most_running(), 2, "one for each follower");
    let got = messages(&wechat).into_iter().filter(|(openid, _)| openid == "o1");
    assert_eq!(got.map(|(_, text)| text).collect::<Vec<_>>(), texts);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_needs_another_token_is_not_overtaken() {
    let wechat = WeChat::new();
    wechat.next(SEND, Odd::Answer(r#"{"errcode":42001,"errmsg":"expired"}"#));
    let client = wechat.client(memory());
    let (one, two) = tokio::join!(send(&client, "o1", "1"), send(&client, "o1", "2"));
    assert!(one.is_ok() && two.is_ok());
    let texts: Vec<_> = messages(&wechat).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["1", "1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn an_api_that_hangs_holds_sixteen_calls_and_the_others_are_told_in_time() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    send(&client, "o0", "for a token").await.unwrap();
    wechat.hang();
    let start = Instant::now();
    let more = 500;
    let openids: Vec<_> = (0..CALLS + WAITING + more).map(|at| format!("o{at}")).collect();
    let sent = join_all(openids.iter().map(async |openid| {
        let error = send(&client, openid, "hi").await.expect_err("nobody answers");
        (error, start.elapsed())
    }));
    let condition = async {
        sleep(Duration::from_millis(1)).await;
        client.condition()
    };
    let (sent, condition) = tokio::join!(sent, condition);
    assert_eq!((condition.calling, condition.waiting), (CALLS, WAITING));
    assert_eq!(condition.overloaded, more as u64);
    assert!(!condition.circuit_open);
    assert!(client.condition().circuit_open && client.condition().cut > 0);
    assert_eq!(client.condition().calling + client.condition().waiting, 0);
    assert_eq!(wechat.most_running(), CALLS);
    let at_once = sent.iter().filter(|(_, took)| took.is_zero());
    assert_eq!(at_once.clone().count(), more, "there was no place for them");
    assert!(at_once.clone().all(|(error, _)| matches!(error, ApiError::Overloaded { .. })));
    let unclear = sent.iter().filter(|(error, _)| error.class() == Class::Unclear);
    assert!(unclear.count() <= 2 * CALLS, "the others were not made, and may be made again");
    let last = sent.iter().map(|(_, took)| took.as_secs()).max().unwrap();
    assert!(last <= 20, "{last} s");
}

/// How often typing was shown to somebody.
fn typed(wechat: &WeChat) -> usize {
    wechat.calls().iter().filter(|call| call.request.path == TYPING).count()
}

#[tokio::test(start_paused = true)]
async fn whether_the_account_may_send_is_asked_once_for_all_that_wait() {
    let openids: Vec<_> = (0..3000).map(|at| format!("o{at}")).collect();
    let all = async |client: &Client| {
        let typing = openids.iter().map(|openid| client.typing(openid));
        join_all(typing).await
    };
    let (wechat, start) = (WeChat::new(), Instant::now());
    let client = wechat.client(memory());
    wechat.hang();
    let unclear = |typed: &Result<(), ApiError>| {
        typed.as_ref().is_err_and(|error| error.class() == Class::Unclear)
    };
    assert!(all(&client).await.iter().all(unclear));
    assert_eq!((typed(&wechat), start.elapsed().as_secs()), (1, 10));

    wechat.never_mind();
    wechat.always(TYPING, r#"{"errcode":48001,"errmsg":"api unauthorized"}"#);
    for _ in 0..2 {
        let refused = all(&client).await;
        assert!(refused.iter().all(|typed| typed.as_ref().unwrap_err().code() == Some(48001)));
    }
    assert_eq!(typed(&wechat), 3);

    wechat.always(TYPING, r#"{"errcode":45080,"errmsg":"no exchange lately"}"#);
    let allowed = all(&client).await;
    assert!(allowed.iter().all(|typed| typed.as_ref().unwrap_err().code() == Some(45080)));
    assert_eq!(typed(&wechat), 4);

    wechat.never_mind();
    let shown = join_all(openids[..100].iter().map(|openid| client.typing(openid))).await;
    assert!(shown.iter().all(Result::is_ok));
    assert_eq!(typed(&wechat), 104, "now that it is known, each follower sees it");
}

#[tokio::test(start_paused = true)]
async fn one_follower_does_not_take_the_places_of_all() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    send(&client, "o0", "for a token").await.unwrap();
    let many = join_all((0..CALLS + WAITING).map(|_| send(&client, "o1", "hi")));
    let (many, one) = tokio::join!(many, send(&client, "o2", "hi"));
    one.expect("there is a place for others");
    assert_eq!(many.iter().filter(|sent| sent.is_ok()).count(), 64);
}

#[tokio::test(start_paused = true)]
async fn files_that_take_long_leave_room_for_messages() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    send(&client, "o0", "for a token").await.unwrap();
    wechat.hang();
    let files = join_all((0..CALLS).map(|_| client.download("M1")));
    let files = timeout(Duration::from_secs(5), files);
    let message = async {
        tokio::task::yield_now().await;
        wechat.never_mind();
        send(&client, "o1", "hi").await
    };
    let (files, message) = tokio::join!(files, message);
    files.expect_err("the first of them hang");
    message.expect("it did not wait for them");
    let files = wechat.calls().iter().filter(|call| call.request.path == FILE).count();
    assert_eq!(files, 4);
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_leaves_the_place_to_others() {
    let wechat = WeChat::new();
    let client = wechat.client(memory());
    send(&client, "o0", "for a token").await.unwrap();
    wechat.hang();
    let calls = join_all((0..CALLS + WAITING).map(|_| client.get("/cgi-bin/menu/get")));
    timeout(Duration::from_secs(1), calls).await.expect_err("nobody answers");
    wechat.never_mind();
    let start = Instant::now();
    send(&client, "o1", "hi").await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 50);
}
