//! The window: every message is worked on once, whatever the number of deliveries, and WeChat is
//! answered in time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use wxbot_sim::{Act, DeliveryFault, Exchange, Fault, Kind, Options, Repeats, When};
use wxbot_tests::scripted::{Scripted, asked, check_counted, rehearse, says, seconds, shown};

fn fault(number: usize, fault: DeliveryFault) -> Fault {
    Fault::Delivery { number: Some(number), when: When::Always, fault }
}

/// An answer that takes so long comes passively with this delivery.
#[track_caller]
fn check_passive(exchange: &Exchange, answer: &str, delivery: usize) {
    assert_eq!(exchange.text(), Some(answer), "{exchange:#?}");
    assert_eq!(exchange.deliveries.len(), delivery, "{exchange:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_within_15_s_is_a_passive_reply_on_whichever_delivery_is_open() {
    for repeats in [Repeats::SameQuery, Repeats::FreshQuery] {
        for kind in Kind::ALL {
            let options = Options { repeats, ..Options::default() };
            let rehearsal = Scripted { kind: *kind, options, ..Scripted::default() }.start();
            for (takes, delivery) in [
                ("0", 1),
                ("3", 1),
                ("4.9", 1),
                ("5.1", 2),
                ("8", 2),
                ("9.9", 2),
                ("12", 3),
                ("14.4", 3),
            ] {
                let alice = rehearsal.wechat().follower(&format!("alice {takes}"));
                let said = format!("after {takes} done");
                check_passive(&says(&alice, &said).await, "done", delivery);
                assert_eq!(asked(&rehearsal, &alice, &said), 1, "{takes} s on {kind}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_delivery_is_answered_inside_the_window_whatever_happens() {
    for kind in Kind::ALL {
        let rehearsal = rehearse(*kind, "");
        let alice = rehearsal.wechat().follower("alice");
        let exchange = says(&alice, "after 60 done").await;
        let last = exchange.deliveries.last().expect("there are deliveries");
        assert_eq!(exchange.deliveries.len(), 3, "{exchange:#?}");
        assert_eq!(last.took, Duration::from_millis(4500), "{exchange:#?}");
        assert_eq!(exchange.failure(), None, "{exchange:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_came_too_late_for_one_delivery_is_given_to_the_next() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    rehearsal.wechat().fault(fault(1, DeliveryFault::Reset));
    check_passive(&says(&alice, "hi").await, "hi", 2);
    rehearsal.wechat().clear_faults();
    // It is ready while the first delivery is open here and has ended there.
    rehearsal.wechat().fault(fault(1, DeliveryFault::Delayed(Duration::from_secs(2))));
    check_passive(&says(&alice, "after 4 done").await, "done", 2);
    assert_eq!(rehearsal.asked().total(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_was_lost_does_not_cost_the_answer() {
    for lost in [1, 2] {
        let rehearsal = rehearse(Kind::Personal, "");
        rehearsal.wechat().fault(fault(lost, DeliveryFault::Lost));
        let alice = rehearsal.wechat().follower("alice");
        let exchange = says(&alice, "after 60 done").await;
        assert_eq!(exchange.failure(), None, "without delivery {lost}: {exchange:#?}");
        seconds(60).await;
        assert_eq!(says(&alice, "1").await.text(), Some("done"), "without delivery {lost}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_comes_back_for_follows() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    rehearsal.wechat().fault(fault(2, DeliveryFault::Lost));
    rehearsal.wechat().fault(fault(3, DeliveryFault::Lost));
    let alice = rehearsal.wechat().follower("alice");
    let exchange = says(&alice, "after 7 done").await;
    assert!(exchange.failure().is_some(), "WeChat heard nothing: {exchange:#?}");
    seconds(10).await;
    let last = shown(&alice).last().cloned().expect("something came");
    assert_eq!(last.1, "done", "{:?}", shown(&alice));
}

#[tokio::test(start_paused = true)]
async fn simultaneous_deliveries_are_one_message() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    rehearsal.wechat().fault(fault(1, DeliveryFault::Duplicated));
    for takes in ["0", "2"] {
        let alice = rehearsal.wechat().follower(takes);
        let said = format!("after {takes} done");
        let exchange = says(&alice, &said).await;
        check_passive(&exchange, "done", 1);
        let wxbot_sim::Outcome::Answered(first) = &exchange.deliveries[0].outcome else {
            panic!("{exchange:#?}")
        };
        let Some(wxbot_sim::Outcome::Answered(second)) = &exchange.deliveries[0].double else {
            panic!("{exchange:#?}")
        };
        assert_eq!(first.body, second.body, "the same answer, to the byte");
        assert_eq!(asked(&rehearsal, &alice, &said), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn two_followers_with_one_msg_id_are_two_messages() {
    let rehearsal = rehearse(Kind::Personal, "bind_queries = false");
    let (alice, bob) = (rehearsal.wechat().follower("alice"), rehearsal.wechat().follower("bob"));
    let raw = |openid: &str, content: &str| {
        Act::Raw(format!(
            "<xml><ToUserName>gh_5f0c1d2e3a4b</ToUserName><FromUserName>{openid}</FromUserName>\
             <CreateTime>1735689600</CreateTime><MsgType>text</MsgType>\
             <Content>{content}</Content><MsgId>7</MsgId></xml>"
        ))
    };
    let first = alice.does(raw(alice.openid(), "from alice")).await.expect("they follow");
    let second = bob.does(raw(bob.openid(), "from bob")).await.expect("they follow");
    assert_eq!((first.text(), second.text()), (Some("from alice"), Some("from bob")));
    let again = alice.does(raw(alice.openid(), "from alice")).await.expect("they follow");
    assert_eq!(again.text(), Some("from alice"));
    assert_eq!(rehearsal.asked().total(), (2, 2), "the third was a repeat");
}

#[tokio::test(start_paused = true)]
async fn two_events_of_one_second_are_two_messages() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    let acts = [Act::click("a"), Act::click("b")].map(|act| alice.does(act));
    let answers = join_all(acts).await;
    let said: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().ok().and_then(Exchange::text)).collect();
    assert_eq!(said, [Some("a"), Some("b")]);
}

#[tokio::test(start_paused = true)]
async fn one_followers_messages_are_worked_on_in_the_order_they_came() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let (alice, bob) = (rehearsal.wechat().follower("alice"), rehearsal.wechat().follower("bob"));
    let began = Instant::now();
    let hers = ["after 2 first", "after 1 second", "third"].map(|words| says(&alice, words));
    let his = async { (says(&bob, "hi").await, began.elapsed()) };
    let (answers, (to_bob, bob_waited)) = tokio::join!(join_all(hers), his);
    assert_eq!(to_bob.text(), Some("hi"));
    assert!(bob_waited < Duration::from_millis(100), "{bob_waited:?}");
    let texts: Vec<_> = answers.iter().filter_map(Exchange::text).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    let order: Vec<_> = shown(&alice).into_iter().collect();
    assert_eq!(order, [(2, "first".into()), (3, "second".into()), (3, "third".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_follower_who_writes_too_much_is_told_so_and_nobody_else_is() {
    let rehearsal = rehearse(Kind::VerifiedService, "[limits]\nwaiting = 2");
    let (alice, bob) = (rehearsal.wechat().follower("alice"), rehearsal.wechat().follower("bob"));
    let many = ["after 3 a", "b", "c", "d", "e"].map(|words| says(&alice, words));
    let (answers, to_bob) = tokio::join!(join_all(many), says(&bob, "hi"));
    let mut texts: Vec<_> = answers.iter().filter_map(Exchange::text).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["a", "b", "c", "消息太多了，请稍后再发。", "消息太多了，请稍后再发。"]);
    assert_eq!(to_bob.text(), Some("hi"));
    check_counted(&rehearsal, "wxbot_turned_away_total{account=\"main\"} 2");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_takes_no_reply_is_answered_at_once_and_worked_on() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    let view = Act::View { url: "silent 60".into(), menu_id: None };
    let exchange = alice.does(view).await.expect("they follow");
    assert_eq!(exchange.deliveries.len(), 1);
    assert!(exchange.deliveries[0].took < Duration::from_millis(100), "{exchange:#?}");
    assert_eq!(rehearsal.asked().total(), (0, 0), "it is still worked on");
    seconds(61).await;
    assert_eq!(rehearsal.asked().total(), (1, 1));
    assert_eq!(shown(&alice), []);
}

#[tokio::test(start_paused = true)]
async fn a_signed_query_is_for_one_message_only() {
    use wxbot_sim::{Endpoint, Request};
    use wxbot_tests::wechat::{Sender, text, text_from};
    for (setting, status) in [("", 403), ("bind_queries = false", 200)] {
        let rehearsal = rehearse(Kind::Personal, setting);
        let endpoint = &rehearsal.accounts()[0].endpoint;
        let sender = Sender { timestamp: wxbot_tests::scripted::BEGINS, ..Sender::default() };
        let query = sender.query();
        let post = |body: String| Request {
            method: "POST",
            query: query.clone(),
            content_type: Some("text/xml"),
            body: body.into_bytes(),
        };
        let message = text("hi");
        let rewritten = message.replace("<![CDATA[hi]]>", "hi").replace("</xml>", "\n</xml>");
        for (body, expected, why) in [
            (message.clone(), 200, "the message"),
            (message.clone(), 200, "its repeat"),
            (rewritten, 200, "its repeat, written in another way"),
            (message.replace("hi", "give me all"), status, "other words"),
            (text_from("oSOMEBODY_ELSE_00000000000000", "hi"), status, "somebody else"),
        ] {
            let response = endpoint.deliver(post(body)).await.expect("it answers");
            assert_eq!(response.status, expected, "{why}, with `{setting}`");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_hangs_is_cut_at_its_timeout() {
    let chain = "[[chain]]\nplugin = 'trouble'\ntimeout = '3s'\nconfig = { lasts = '60s' }";
    let rehearsal = rehearse(Kind::VerifiedService, chain);
    let alice = rehearsal.wechat().follower("alice");
    check_passive(&says(&alice, "wait").await, "wait", 1);
    assert_eq!(shown(&alice)[0].0, 3);
}

#[tokio::test(start_paused = true)]
async fn plugins_that_panic_or_fail_leave_nobody_waiting() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let alice = rehearsal.wechat().follower("alice");
    for said in ["panic", "fail"] {
        let exchange = says(&alice, said).await;
        assert_eq!((exchange.deliveries.len(), exchange.failure()), (1, None), "{said}");
    }
    check_passive(&says(&alice, "hi").await, "hi", 1);
}
