//! Template messages and subscription notifications: they reach whoever has not written for long, and
//! what becomes of them is told.

use std::sync::Arc;

use wxbot::rehearsal::Rehearsal;
use wxbot_sdk::api::Api;
use wxbot_sdk::notification::{Notification, NotificationKind};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::sending::{NotSent, SendError, Sending, Sent};
use wxbot_sim::{Bubble, Follower, Kind};
use wxbot_tests::scripted::{SEND, another_program, check_counted, rehearse, says, seconds};

const HOUR: u64 = 3600;
const SHIPPING: &str = "[[chain]]\nplugin = 'shipping'\n";

async fn send(
    rehearsal: &Rehearsal,
    openid: &str,
    sending: impl Into<Sending>,
) -> Result<Sent, SendError> {
    rehearsal.bot().accounts()[0].messenger().send(openid, sending.into()).await
}

/// An account with a template, and a follower who wrote once.
async fn scene(config: &str) -> (Rehearsal, Follower) {
    let rehearsal = rehearse(Kind::VerifiedService, config);
    rehearsal.wechat().add_template("TPL", "Shipped");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    (rehearsal, alice)
}

fn shipped() -> Notification {
    Notification::template("TPL").value("thing1", "tea")
}

fn either() -> Sending {
    Sending::new("Your tea is on its way.").or(shipped())
}

/// What the phone shows last: a text, or the values of a notification.
fn last(follower: &Follower) -> String {
    let phone = follower.phone();
    let mut bubbles = phone.iter().filter_map(|shown| shown.bubble());
    match bubbles.next_back().expect("there is something") {
        Bubble::Notification { fields, .. } => format!("{fields:?}"),
        bubble => bubble.as_text().unwrap_or_default().to_owned(),
    }
}

fn calls(rehearsal: &Rehearsal) -> Vec<String> {
    let calls = rehearsal.wechat().calls();
    let paths = calls.into_iter().map(|call| call.path);
    paths.filter(|path| path.starts_with("/cgi-bin/message")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_follower_who_wrote_is_sent_the_reply_and_later_the_notification() {
    let (rehearsal, alice) = scene("").await;
    let sent = send(&rehearsal, alice.openid(), either()).await.expect("it is sent");
    assert_eq!(sent, Sent { messages: 1, notification: None });
    assert_eq!(last(&alice), "Your tea is on its way.");
    seconds(49 * HOUR).await;
    let sent = send(&rehearsal, alice.openid(), either()).await.expect("it is sent");
    let receipt = sent.notification.expect("WeChat took the notification");
    assert_eq!((sent.messages, receipt.kind), (1, NotificationKind::Template));
    assert!(receipt.msg_id.is_some());
    assert_eq!(last(&alice), r#"[("thing1", "tea")]"#);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_sent_in_part_is_not_repeated_as_a_notification() {
    let (rehearsal, alice) = scene("").await;
    for number in 0..4 {
        send(&rehearsal, alice.openid(), Reply::text(format!("{number}"))).await.expect("it is");
    }
    let two = Sending::new(Reply::several(["one", "two"])).or(shipped());
    let error = send(&rehearsal, alice.openid(), two).await.unwrap_err();
    assert_eq!((error.outcome, error.sent, error.of), (NotSent::FollowerMustWrite, 1, 2));
    assert_eq!(last(&alice), "one");
    send(&rehearsal, alice.openid(), either()).await.expect("nothing of this one was sent");
    assert_eq!(last(&alice), r#"[("thing1", "tea")]"#);
}

#[tokio::test(start_paused = true)]
async fn an_account_without_customer_service_sends_the_notification_at_once() {
    let (rehearsal, alice) = scene("late = { customer_service = false }").await;
    send(&rehearsal, alice.openid(), either()).await.expect("it is sent");
    send(&rehearsal, alice.openid(), shipped()).await.expect("it is sent");
    assert!(!calls(&rehearsal).contains(&SEND.to_owned()), "{:?}", calls(&rehearsal));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_both_is_said_of_both() {
    let (rehearsal, alice) = scene("").await;
    seconds(49 * HOUR).await;
    let wrong = Sending::new("news").or(Notification::template("NONE").value("thing1", "tea"));
    let error = send(&rehearsal, alice.openid(), wrong).await.unwrap_err();
    assert_eq!((error.outcome, error.errcode), (NotSent::Refused, Some(40037)));
    for part in ["45015", "not sent as a notification either", "there is no such template"] {
        assert!(error.message.contains(part), "{part} is not in {error}");
    }
    let unsubscribed = Notification::subscription("TPL").value("thing1", "tea");
    let error = send(&rehearsal, alice.openid(), unsubscribed).await.unwrap_err();
    assert_eq!((error.outcome, error.errcode), (NotSent::Refused, Some(43101)));
    let nameless = Notification::template("");
    let error = send(&rehearsal, alice.openid(), nameless).await.unwrap_err();
    assert_eq!((error.outcome, error.sent), (NotSent::Invalid, 0));
    for kind in [Kind::Personal, Kind::OrganisationUnverified] {
        let rehearsal = rehearse(kind, "");
        let alice = rehearsal.wechat().follower("alice");
        let error = send(&rehearsal, alice.openid(), shipped()).await.unwrap_err();
        assert_eq!((error.outcome, error.errcode), (NotSent::Account, Some(48001)), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_outcome_is_counted_and_a_plugin_sees_which_call_it_was() {
    let (rehearsal, alice) = scene(SHIPPING).await;
    says(&alice, "ship 41").await;
    says(&alice, "ship 42").await;
    seconds(5).await;
    let texts: Vec<_> = alice.phone();
    let texts: Vec<_> = texts.iter().filter_map(|one| one.bubble()?.as_text()).collect();
    assert_eq!(texts[texts.len() - 2..], ["41: delivered", "42: delivered"]);
    alice.block_templates();
    says(&alice, "ship 43").await;
    seconds(5).await;
    assert_eq!(last(&alice), "43: blocked");
    let family = "wxbot_notifications_total{account=\"main\",kind=\"template\",fate=";
    check_counted(&rehearsal, &format!("{family}\"delivered\"}} 2"));
    check_counted(&rehearsal, &format!("{family}\"blocked\"}} 1"));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_known_by_its_template_and_the_question_is_counted() {
    let (rehearsal, alice) = scene(SHIPPING).await;
    alice.accept_notice("TPL");
    seconds(5).await;
    assert_eq!(last(&alice), "unknown: accepted");
    says(&alice, "notify 44").await;
    seconds(5).await;
    assert_eq!(last(&alice), "44: delivered");
    let family = "wxbot_notifications_total{account=\"main\",kind=\"subscription\",fate=";
    check_counted(&rehearsal, &format!("{family}\"accepted\"}} 1"));
    check_counted(&rehearsal, &format!("{family}\"delivered\"}} 1"));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_of_another_program_is_counted_though_nobody_knows_the_call() {
    let (rehearsal, alice) = scene(SHIPPING).await;
    let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
    let by_it = shipped().reference("45");
    api.notifications().send(alice.openid(), &by_it).await.expect("WeChat takes it");
    seconds(5).await;
    assert_eq!(last(&alice), "unknown: delivered");
    let family = "wxbot_notifications_total{account=\"main\",kind=\"template\",fate=";
    check_counted(&rehearsal, &format!("{family}\"delivered\"}} 1"));
}
