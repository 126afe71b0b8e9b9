//! An account says something first: within WeChat's rules, and what becomes of it is known, or said
//! not to be.

use wxbot::rehearsal::Rehearsal;
use wxbot_sdk::reply::{Article, Reply};
use wxbot_sdk::sending::{NotSent, SendError, Sending, Sent};
use wxbot_sim::{ApiFault, Fault, Kind, When};
use wxbot_tests::scripted::{SEND, rehearse, says, seconds, sends, shown};

const HOUR: u64 = 3600;

/// Sends to an openid, whoever that is.
async fn send(
    rehearsal: &Rehearsal,
    openid: &str,
    reply: impl Into<Reply>,
) -> Result<Sent, SendError> {
    let account = &rehearsal.bot().accounts()[0];
    account.messenger().send(openid, Sending::new(reply)).await
}

/// So many customer-service messages.
fn sent(messages: usize) -> Sent {
    Sent { messages, notification: None }
}

/// Every call that sends fails like this; alice wrote.
async fn failing(fault: ApiFault) -> (Rehearsal, String) {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    rehearsal.wechat().fault(Fault::api(SEND, When::Always, fault));
    (rehearsal, alice.openid().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_follower_who_wrote_is_sent_five_messages_until_they_write_again() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    for number in 0..5 {
        let news = format!("news {number}");
        assert_eq!(send(&rehearsal, alice.openid(), news).await, Ok(sent(1)));
    }
    let error = send(&rehearsal, alice.openid(), "news 5").await.unwrap_err();
    assert_eq!((error.outcome, error.errcode), (NotSent::FollowerMustWrite, Some(45047)));
    for part in ["the follower has to write first", "45047", "template message"] {
        assert!(error.message.contains(part), "{part} is not in {error}");
    }
    assert_eq!(shown(&alice).len(), 6);
    says(&alice, "go on").await;
    assert_eq!(send(&rehearsal, alice.openid(), "news 5").await, Ok(sent(1)));
}

#[tokio::test(start_paused = true)]
async fn after_48_hours_the_follower_has_to_write_first() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    seconds(47 * HOUR).await;
    assert_eq!(send(&rehearsal, alice.openid(), "in time").await, Ok(sent(1)));
    seconds(2 * HOUR).await;
    let error = send(&rehearsal, alice.openid(), "too late").await.unwrap_err();
    assert_eq!((error.outcome, error.errcode), (NotSent::FollowerMustWrite, Some(45015)));
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_first_is_not_left_for_late_answers() {
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
    let alice = rehearsal.wechat().follower("alice");
    let question = says(&alice, "after 60 done");
    let sending = async {
        seconds(20).await;
        for _ in 0..5 {
            assert_eq!(send(&rehearsal, alice.openid(), "news").await, Ok(sent(1)));
        }
    };
    tokio::join!(question, sending);
    seconds(60).await;
    assert_eq!(sends(&rehearsal), 5, "a call that would fail is not made");
    let exchange = says(&alice, "1").await;
    assert_eq!(exchange.text(), Some("done"), "the answer waits for the next message");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_send_is_told_so() {
    for kind in [Kind::Personal, Kind::OrganisationUnverified] {
        let rehearsal = rehearse(kind, "");
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "hi").await;
        let error = send(&rehearsal, alice.openid(), "news").await.unwrap_err();
        assert_eq!((error.outcome, error.errcode), (NotSent::Account, Some(48001)), "{kind}");
    }
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = false }");
    let error = send(&rehearsal, "oALICE", "news").await.unwrap_err();
    assert_eq!(error.outcome, NotSent::Account);
    assert!(error.message.contains("`late.customer_service = false`"), "{error}");
    assert_eq!(sends(&rehearsal), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_refused_with_what_that_means() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let error = send(&rehearsal, "oNOBODY", "news").await.unwrap_err();
    assert_eq!((error.outcome, error.errcode), (NotSent::Refused, Some(40003)));
    assert!(error.message.contains("the openid is not one of this account's"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_surely_was_not_done_may_be_sent_again() {
    let faults =
        [ApiFault::Refused, ApiFault::Status(503), ApiFault::Errcode(-1), ApiFault::Errcode(45009)];
    for fault in faults {
        let (rehearsal, alice) = failing(fault).await;
        let error = send(&rehearsal, &alice, "news").await.unwrap_err();
        assert_eq!(error.outcome, NotSent::TryLater, "{fault:?}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_wechat_gives_no_answer_nobody_knows_and_it_is_sent_once() {
    let day = std::time::Duration::from_secs(24 * HOUR);
    for fault in [ApiFault::AnswerLost, ApiFault::BrokenJson, ApiFault::Hang(day)] {
        let (rehearsal, alice) = failing(fault).await;
        let began = tokio::time::Instant::now();
        let error = send(&rehearsal, &alice, "news").await.unwrap_err();
        assert_eq!(error.outcome, NotSent::Unclear, "{fault:?}: {error}");
        assert!(error.message.starts_with("nobody knows"), "{error}");
        assert!(began.elapsed().as_secs() <= 20, "{fault:?}");
        seconds(HOUR).await;
        assert!(sends(&rehearsal) <= 1, "{fault:?}: it is not sent again");
    }
}

#[tokio::test(start_paused = true)]
async fn slow_is_not_failed() {
    let slow = std::time::Duration::from_secs(8);
    let (rehearsal, alice) = failing(ApiFault::Slow(slow)).await;
    assert_eq!(send(&rehearsal, &alice, "news").await, Ok(sent(1)));
}

#[tokio::test(start_paused = true)]
async fn several_are_sent_in_order_until_one_fails() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    rehearsal.wechat().fault(Fault::api(SEND, When::Nth(2), ApiFault::Errcode(40007)));
    let reply = Reply::several(["one", "two", "three"]);
    let error = send(&rehearsal, alice.openid(), reply).await.unwrap_err();
    assert_eq!((error.sent, error.of, error.outcome), (1, 3, NotSent::Refused));
    assert!(error.to_string().starts_with("only 1 of 3 messages were sent: "), "{error}");
    let words: Vec<_> = shown(&alice).into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, ["hi", "one"]);
}

#[tokio::test(start_paused = true)]
async fn a_long_text_is_several_messages() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "hi").await;
    let long = send(&rehearsal, alice.openid(), "长".repeat(1000)).await;
    assert_eq!(long, Ok(sent(2)));
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_sent_is_refused_before_a_call_is_made() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let two = || Reply::news([Article::new("a"), Article::new("b")]);
    let table = [
        ("", Reply::text("hi"), "no openid is like that"),
        ("o ALICE", Reply::text("hi"), "no openid is like that"),
        ("oALICE", Reply::text(" \n"), "its text is empty"),
        ("oALICE", Reply::Several(Vec::new()), "the reply is empty"),
        ("oALICE", Reply::several([Reply::text("hi"), two()]), "of its 2 articles 1"),
        ("oALICE", Reply::text("长".repeat(5000)), "it is 8 messages"),
        ("oALICE", Reply::transfer(), "`transfer` can only answer a message"),
    ];
    for (openid, reply, expected) in table {
        let error = send(&rehearsal, openid, reply.clone()).await.unwrap_err();
        assert_eq!((error.outcome, error.sent), (NotSent::Invalid, 0), "{reply:?}");
        assert!(error.message.contains(expected), "{expected} is not in {error}");
    }
    assert_eq!(sends(&rehearsal), 0);
}

#[tokio::test(start_paused = true)]
async fn a_plugin_sends_to_others_by_the_same_rules() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let [alice, bob] = ["alice", "bob"].map(|name| rehearsal.wechat().follower(name));
    let tell_bob = format!("tell {} somebody waits", bob.openid());
    let exchange = says(&alice, &tell_bob).await;
    let refused = exchange.text().expect("it is a text");
    assert!(refused.starts_with("the follower has to write first"), "{refused}");
    says(&bob, "hi").await;
    assert_eq!(says(&alice, &tell_bob).await.text(), Some("sent 1"));
    assert_eq!(shown(&bob).last().map(|(_, words)| &**words), Some("somebody waits"));
}
