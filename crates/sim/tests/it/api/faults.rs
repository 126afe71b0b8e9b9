//! Faults in calls of the API.

use std::time::Duration;

use serde_json::json;
use wxbot_sim::{ApiFault, ApiRequest, ApiResponse, Broken, Fault, Follower, When};

use super::Caller;

/// Sends "hi" to a follower who has sent a text, with a fault.
async fn send(fault: ApiFault) -> (Result<ApiResponse, Broken>, Caller, Follower) {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    alice.does("hello").await.unwrap();
    caller.wechat.fault(Fault::api("/cgi-bin/message/*", When::Nth(1), fault));
    let answer = caller.wechat.api(hi(&caller, &alice)).await;
    (answer, caller, alice)
}

fn hi(caller: &Caller, to: &Follower) -> ApiRequest {
    let content = json!({ "content": "hi" });
    let body = json!({ "touser": to.openid(), "msgtype": "text", "text": content });
    ApiRequest::post("/cgi-bin/message/custom/send", caller.query(""), body.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_of_a_message_that_was_delivered() {
    let (answer, caller, alice) = send(ApiFault::AnswerLost).await;
    assert_eq!((answer, alice.phone().len()), (Err(Broken::Reset), 1));
    let call = caller.wechat.calls().pop().unwrap();
    assert_eq!((call.errcode, call.heard), (0, false));
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_delivers_nothing() {
    let (answer, caller, alice) = send(ApiFault::Refused).await;
    assert_eq!((answer, alice.phone().len()), (Err(Broken::Refused), 0));
    assert_eq!(caller.wechat.calls().len(), 1, "the token alone");
    assert_eq!(caller.wechat.api(hi(&caller, &alice)).await.unwrap().errcode(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_is_worked_on_late_and_a_hanging_one_never() {
    let began = tokio::time::Instant::now();
    let (answer, _, alice) = send(ApiFault::Slow(Duration::from_secs(20))).await;
    assert_eq!((answer.unwrap().errcode(), alice.phone().len()), (Some(0), 1));
    assert_eq!(began.elapsed(), Duration::from_secs(20));
    let (answer, _, alice) = send(ApiFault::Hang(Duration::from_secs(60))).await;
    assert_eq!((answer, alice.phone().len()), (Err(Broken::Reset), 0));
    assert_eq!(began.elapsed(), Duration::from_secs(80));
}

#[tokio::test(start_paused = true)]
async fn an_error_status_has_no_json() {
    let (answer, _, alice) = send(ApiFault::Status(502)).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.json(), alice.phone().len()), (502, None, 0));
}

#[tokio::test(start_paused = true)]
async fn broken_json_is_of_a_message_that_was_delivered() {
    let (answer, _, alice) = send(ApiFault::BrokenJson).await;
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.json(), alice.phone().len()), (200, None, 1));
}

#[tokio::test(start_paused = true)]
async fn an_error_code_can_be_made_up() {
    let (answer, _, alice) = send(ApiFault::Errcode(-1)).await;
    assert_eq!((answer.unwrap().errcode(), alice.phone().len()), (Some(-1), 0));
}

#[tokio::test(start_paused = true)]
async fn a_token_can_be_spent_by_another_process() {
    let (answer, caller, alice) = send(ApiFault::TokenSpent).await;
    assert_eq!((answer.unwrap().errcode(), alice.phone().len()), (Some(40001), 0));
    let token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let fresh = Caller { token, ..caller };
    assert_eq!(fresh.wechat.api(hi(&fresh, &alice)).await.unwrap().errcode(), Some(0));
}
