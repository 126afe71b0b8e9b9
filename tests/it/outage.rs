//! An outage of WeChat's API, and calls that take long: no answer is lost in it, and none is sent
//! twice.

use std::time::Duration;

use wxbot::rehearsal::Rehearsal;
use wxbot_core::late::listing;
use wxbot_sim::{ApiFault, Fault, Follower, Kind, When};
use wxbot_tests::scripted::{SEND, check_counted, rehearse, says, seconds, sends, shown};

const MAY_SEND: &str = "late = { customer_service = true }";

/// A bot that may send, but each of its calls ends like this.
fn failing(config: &str, fault: ApiFault) -> Rehearsal {
    let rehearsal = rehearse(Kind::VerifiedService, config);
    rehearsal.wechat().fault(Fault::api(SEND, When::Always, fault));
    rehearsal
}

/// How often a phone shows these words.
fn count(follower: &Follower, words: &str) -> usize {
    shown(follower).iter().filter(|(_, seen)| seen.contains(words)).count()
}

/// Ways to refuse a call that surely was not done.
const NOT_DONE: [ApiFault; 6] = [
    ApiFault::Refused,
    ApiFault::Status(429),
    ApiFault::Status(503),
    ApiFault::Errcode(-1),
    ApiFault::Errcode(45009),
    ApiFault::Errcode(40164),
];

#[tokio::test(start_paused = true)]
async fn an_outage_of_an_hour_costs_no_answer() {
    for fault in NOT_DONE {
        let rehearsal = failing(MAY_SEND, fault);
        let followers: Vec<_> =
            ["alice", "bob", "carol"].map(|name| rehearsal.wechat().follower(name)).into();
        for follower in &followers {
            let words = format!("after 20 for-{}", follower.openid());
            assert_eq!(says(follower, &words).await.reply(), None);
        }
        seconds(3600).await;
        assert!(followers.iter().all(|follower| shown(follower).is_empty()), "{fault:?}");
        rehearsal.wechat().clear_faults();
        seconds(3600).await;
        for follower in &followers {
            let answer = format!("for-{}", follower.openid());
            assert_eq!(count(follower, &answer), 1, "{fault:?}: {:?}", shown(follower));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_can_not_be_sent_now_is_given_to_who_asks_for_it() {
    for fault in NOT_DONE {
        let rehearsal = failing(MAY_SEND, fault);
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "after 20 done").await;
        seconds(60).await;
        assert_eq!(says(&alice, "1").await.text(), Some("done"), "{fault:?}");
        rehearsal.wechat().clear_faults();
        seconds(7200).await;
        assert_eq!(count(&alice, "done"), 1, "{fault:?}: it is not sent, too");
        let late = listing::page(&**rehearsal.bot().store(), None, 9)
            .await
            .expect("it is in memory")
            .listed;
        assert_eq!(late, [], "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_shows_in_the_metrics() {
    let rehearsal = failing(MAY_SEND, ApiFault::Refused);
    let closed = "wxbot_api_circuit_open{account=\"main\"} 0";
    let none = "wxbot_api_calls_not_made_total{account=\"main\",cause=\"circuit_open\"} 0";
    check_counted(&rehearsal, closed);
    check_counted(&rehearsal, none);
    for n in 0..8 {
        let follower = rehearsal.wechat().follower(&format!("follower {n}"));
        says(&follower, "after 20 done").await;
    }
    seconds(60).await;
    check_counted(&rehearsal, "wxbot_api_circuit_open{account=\"main\"} 1");
    let metrics = rehearsal.bot().render_metrics().expect("metrics are text");
    assert!(!metrics.contains(none), "{metrics}");
    let overload = "wxbot_api_calls_not_made_total{account=\"main\",cause=\"overload\"} 0";
    check_counted(&rehearsal, overload);
    rehearsal.wechat().clear_faults();
    seconds(3600).await;
    check_counted(&rehearsal, closed);
    check_counted(&rehearsal, "wxbot_api_calls{account=\"main\",state=\"waiting\"} 0");
}

/// Ways to end a call of which nobody knows whether it was done.
const UNCLEAR: [(ApiFault, bool); 4] = [
    (ApiFault::AnswerLost, true),
    (ApiFault::BrokenJson, true),
    (ApiFault::Status(500), false),
    (ApiFault::Hang(Duration::from_secs(60)), false),
];

#[tokio::test(start_paused = true)]
async fn what_may_have_been_sent_waits_for_the_followers_next_message() {
    for (fault, was_done) in UNCLEAR {
        let rehearsal = failing(MAY_SEND, fault);
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "after 20 done").await;
        seconds(3600).await;
        assert!(sends(&rehearsal) <= 1, "{fault:?}: it is sent once");
        assert_eq!(count(&alice, "done"), usize::from(was_done), "{fault:?}");
        check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"unclear\"} 1");
        let next = says(&alice, "hi").await;
        assert!(next.text().is_some_and(|text| text.contains("done")), "{fault:?}: {next:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_sent_is_sent_again_where_the_operator_says_so() {
    for (fault, was_done) in UNCLEAR {
        let rehearsal = failing("late = { customer_service = true, unclear = 'resend' }", fault);
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "after 20 done").await;
        seconds(60).await;
        rehearsal.wechat().clear_faults();
        seconds(3600).await;
        let arrived = count(&alice, "done");
        assert!(if was_done { arrived >= 2 } else { arrived == 1 }, "{fault:?}: {arrived}");
    }
}

#[tokio::test(start_paused = true)]
async fn answers_whose_calls_take_long_are_sent_once() {
    let rehearsal = failing(MAY_SEND, ApiFault::Slow(Duration::from_millis(6500)));
    let alice = rehearsal.wechat().follower("alice");
    let answers = ["one", "two", "three", "four", "five"];
    for answer in answers {
        assert_eq!(says(&alice, &format!("after 20 {answer}")).await.reply(), None);
    }
    seconds(600).await;
    assert_eq!(sends(&rehearsal), 5);
    for answer in answers {
        assert_eq!(count(&alice, answer), 1, "{:?}", shown(&alice));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_being_sent_is_not_sent_again_by_a_retry() {
    let rehearsal = failing(MAY_SEND, ApiFault::Slow(Duration::from_secs(8)));
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 20 done").await;
    seconds(7).await;
    let late =
        listing::page(&**rehearsal.bot().store(), None, 9).await.expect("it is in memory").listed;
    let [being_sent] = &late[..] else { panic!("{late:?}") };
    assert!(rehearsal.bot().outbox().retry(&being_sent.id).await.expect("it is in memory"));
    seconds(60).await;
    assert_eq!((sends(&rehearsal), count(&alice, "done")), (1, 1));
}
