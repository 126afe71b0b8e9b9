//! Time-outs and repeated deliveries (section 2.6).

use std::time::Duration;

use wxbot_sim::{
    Account, Act, Cause, Exchange, Mode, OnError, Options, Outcome, Repeats, Unseen, Verdict,
};

use crate::bot::{START, Step, pair, parameter, simple};

/// When each delivery was sent, in milliseconds from the start.
fn sent(exchange: &Exchange) -> Vec<u64> {
    exchange.deliveries.iter().map(|delivery| delivery.sent_at - START * 1000).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_not_answered_is_delivered_three_times_5_seconds_apart() {
    let (wechat, bot) = simple(&[Step::Late(6_000)]);
    let alice = wechat.follower("alice");
    let exchange = alice.does("hi").await.unwrap();
    assert_eq!(sent(&exchange), [0, 5_000, 10_000]);
    assert_eq!(exchange.verdict, Verdict::Notice(Cause::TimedOut));
    assert_eq!(wechat.clock().now_ms(), (START + 15) * 1000);
    for delivery in &exchange.deliveries {
        assert_eq!(delivery.outcome, Outcome::TimedOut);
        assert_eq!(delivery.took, Duration::from_secs(5));
    }
    let ids = bot.messages();
    let ids: Vec<_> = ids.iter().map(|message| message.child_text("MsgId")).collect();
    assert!(ids.len() == 3 && ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_repeat_is_the_answer() {
    let (wechat, _) = simple(&[Step::Late(6_000), Step::Late(4_999)]);
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.text(), Some("hi"));
    assert_eq!(sent(&exchange), [0, 5_000]);
    assert_eq!(exchange.deliveries[1].took, Duration::from_millis(4_999));
}

#[tokio::test(start_paused = true)]
async fn success_and_silence_end_the_repeats() {
    for body in ["success", ""] {
        let (wechat, bot) = simple(&[Step::Late(6_000), Step::Body(body.into())]);
        let exchange = wechat.follower("alice").does("hi").await.unwrap();
        assert_eq!((exchange.verdict, bot.heard().len()), (Verdict::Silence, 2), "{body:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_has_the_same_query_or_a_fresh_one() {
    let requests = async |repeats| {
        let account = Account { mode: Mode::Safe, ..Account::default() };
        let options = Options { repeats, ..Options::default() };
        let (wechat, bot) = pair(account, options, &[Step::Late(6_000), Step::Echo]);
        wechat.follower("alice").does("hi").await.unwrap();
        let messages = bot.messages();
        assert_eq!(messages[0], messages[1], "the same meaning");
        bot.heard()
    };
    let same = requests(Repeats::SameQuery).await;
    assert_eq!(same[0], same[1]);
    let fresh = requests(Repeats::FreshQuery).await;
    assert_ne!(fresh[0].body, fresh[1].body, "sealed again");
    for name in ["nonce", "signature", "msg_signature"] {
        let values = [0, 1].map(|index: usize| parameter(&fresh[index].query, name));
        assert_ne!(values[0], values[1], "{name}");
    }
    assert_eq!(parameter(&fresh[1].query, "timestamp"), (START + 5).to_string());
}

#[tokio::test(start_paused = true)]
async fn an_error_is_retried_or_not() {
    let rows = [
        (Step::Status(500), Cause::Status(500)),
        (Step::Status(302), Cause::Status(302)),
        (Step::Refuse, Cause::Broken(wxbot_sim::Broken::Refused)),
    ];
    for (step, cause) in rows {
        for (on_error, times) in [(OnError::Retried, 3), (OnError::GivenUp, 1)] {
            let options = Options { on_error, ..Options::default() };
            let (wechat, bot) = pair(Account::default(), options, std::slice::from_ref(&step));
            let exchange = wechat.follower("alice").does("hi").await.unwrap();
            assert_eq!(exchange.failure(), Some(&cause));
            assert_eq!(bot.heard().len(), times, "{cause} {on_error:?}");
        }
    }
    let (wechat, _) = simple(&[Step::Status(503), Step::Echo]);
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!((exchange.text(), sent(&exchange)), (Some("hi"), vec![0, 5_000]));
}

#[tokio::test(start_paused = true)]
async fn a_repeat_can_be_overtaken_by_the_next_act() {
    let (wechat, bot) = simple(&[Step::Late(6_000), Step::Echo]);
    let alice = wechat.follower("alice");
    let (first, second) = tokio::join!(alice.does("first"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        alice.does("second").await
    });
    assert_eq!(first.unwrap().text(), Some("first"));
    assert_eq!(second.unwrap().text(), Some("second"));
    let heard = bot.messages();
    let heard: Vec<_> = heard.iter().map(|message| message.child_text("Content")).collect();
    assert_eq!(heard, [Some("first"), Some("second"), Some("first")]);
    let phone: Vec<_> = alice.phone().iter().map(|shown| shown.answers).collect();
    assert_eq!(phone, [Some(2), Some(1)]);
}

#[tokio::test(start_paused = true)]
async fn many_followers_act_at_once() {
    let (wechat, bot) = simple(&[Step::Late(1_000)]);
    let acts = (0..50).map(|number| {
        let follower = wechat.follower(&format!("follower {}", number % 10));
        tokio::spawn(async move { follower.does(Act::text(number.to_string())).await })
    });
    for (number, act) in acts.collect::<Vec<_>>().into_iter().enumerate() {
        let exchange = act.await.unwrap().unwrap();
        assert_eq!(exchange.text(), Some(&*number.to_string()));
    }
    assert_eq!((bot.heard().len(), wechat.clock().now()), (50, START + 1));
    assert_eq!(wechat.exchanges().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn background_events_show_no_notice_and_no_reply() {
    let events = ["unsubscribe", "VIEW", "view_miniprogram", "TEMPLATESENDJOBFINISH", "debug_demo"];
    for name in events {
        let (wechat, _) = simple(&[Step::Echo, Step::Body(b"{}".to_vec())]);
        let alice = wechat.follower("alice");
        let answered = alice.does(Act::event(name, Vec::new())).await.unwrap();
        assert!(matches!(answered.verdict, Verdict::Nowhere(Unseen::Reply(_))), "{name}");
        let failed = alice.does(Act::event(name, Vec::new())).await.unwrap();
        assert_eq!(failed.verdict, Verdict::Nowhere(Unseen::Failure(Cause::Json)), "{name}");
        assert!(alice.phone().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_the_chat_are_answered_there() {
    let events = [
        "subscribe",
        "SCAN",
        "scan",
        "CLICK",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "LOCATION",
    ];
    for name in events {
        let (wechat, _) = simple(&[Step::Echo, Step::Body(b"{}".to_vec())]);
        let alice = wechat.follower("alice");
        let answered = alice.does(Act::event(name, Vec::new())).await.unwrap();
        assert_eq!(answered.text(), Some(name));
        let failed = alice.does(Act::event(name, Vec::new())).await.unwrap();
        assert_eq!(failed.failure(), Some(&Cause::Json), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_unfollowed_meanwhile_sees_nothing() {
    let (wechat, _) = simple(&[Step::Late(2_000), Step::Body(Vec::new())]);
    let alice = wechat.follower("alice");
    let (said, _) = tokio::join!(alice.does("hi"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        alice.does(Act::Unsubscribe).await
    });
    assert!(matches!(said.unwrap().verdict, Verdict::Nowhere(Unseen::Reply(_))));
    assert!(alice.phone().is_empty());
}
