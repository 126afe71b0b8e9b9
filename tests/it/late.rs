//! How an answer follows that was not ready in time: as customer-service messages, or with the
//! follower's next message; never lost, never doubled.

use futures_util::future::join_all;
use wxbot::rehearsal::Rehearsal;
use wxbot_core::late::intervention;
use wxbot_core::late::listing::{self, State};
use wxbot_sim::{Act, ApiFault, Fault, Follower, Kind, Via, When};
use wxbot_tests::scripted::{SEND, asked, check_counted, rehearse, says, seconds, sends, shown};

const NOTICE: &str = "正在准备回答，请稍后发送「1」查看。";
const MORE: &str = "（发送「1」继续看）";

/// Accounts that may send customer-service messages, and those that may not (section 8.2).
const MAY: [Kind; 3] = [Kind::VerifiedService, Kind::VerifiedSubscription, Kind::Test];
const MAY_NOT: [Kind; 2] = [Kind::Personal, Kind::OrganisationUnverified];

/// All that the phone shows, in order, with the seconds since the beginning.
#[track_caller]
fn check(follower: &Follower, expected: &[(u64, &str)]) {
    let shown = shown(follower);
    let shown: Vec<_> = shown.iter().map(|(second, words)| (*second, words.as_str())).collect();
    assert_eq!(shown, expected);
}

#[tokio::test(start_paused = true)]
async fn where_the_account_may_send_the_answer_follows_by_itself() {
    for kind in MAY {
        let rehearsal = rehearse(kind, "");
        let alice = rehearsal.wechat().follower("alice");
        let exchange = says(&alice, "after 60 done").await;
        assert_eq!((exchange.reply(), exchange.failure()), (None, None), "`success` on {kind}");
        seconds(90).await;
        check(&alice, &[(60, "done")]);
        assert_eq!(alice.phone().last().map(|shown| shown.via), Some(Via::Api));
        assert_eq!(asked(&rehearsal, &alice, "after 60 done"), 1);
        check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"sent\"} 1");
    }
}

#[tokio::test(start_paused = true)]
async fn where_it_may_not_a_notice_names_the_word_and_the_answer_waits() {
    for kind in MAY_NOT {
        for config in ["", "late = { customer_service = false }"] {
            let rehearsal = rehearse(kind, config);
            let alice = rehearsal.wechat().follower("alice");
            let exchange = says(&alice, "after 60 done").await;
            assert_eq!(exchange.text(), Some(NOTICE), "on {kind}");
            seconds(60).await;
            assert_eq!(says(&alice, "1").await.text(), Some("done"));
            assert_eq!(says(&alice, "1").await.text(), Some("1"), "nothing waits any more");
            assert_eq!(sends(&rehearsal), 0, "a call that would fail is not made");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_waits_comes_with_the_next_one_and_never_in_its_place() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 60 forty-two").await;
    seconds(60).await;
    let exchange = says(&alice, "hi").await;
    assert_eq!(exchange.text(), Some("hi\n\n「after 60 forty-t…」：forty-two"));
    assert_eq!(says(&alice, "hi").await.text(), Some("hi"), "it is given once");
}

#[tokio::test(start_paused = true)]
async fn the_texts_of_late_may_be_templates() {
    let rehearsal = rehearse(
        Kind::Personal,
        "late = { notice = '{{ message.text | upper }}: send {word}, {{ word }}', \
         label = '{question} ({{ message.text }}): ', nothing = '{{ account.id }}: nothing' }",
    );
    let alice = rehearsal.wechat().follower("alice");
    assert_eq!(says(&alice, "after 60 done").await.text(), Some("AFTER 60 DONE: send 1, 1"));
    seconds(60).await;
    assert_eq!(says(&alice, "hi").await.text(), Some("hi\n\nafter 60 done (hi): done"));
    says(&alice, "silent 60").await;
    seconds(60).await;
    assert_eq!(says(&alice, "1").await.text(), Some("main: nothing"));
}

#[tokio::test(start_paused = true)]
async fn a_text_of_late_that_fails_or_grows_too_long_leaves_the_follower_with_words() {
    let long = "a".repeat(1900);
    for (notice, expected) in [
        ("{% for n in [1] * 9 %}{% for m in [1] * 99999 %}.{% endfor %}{% endfor %}", NOTICE),
        ("{{ message.text }}{{ message.text }}", "after 60 aaa"),
    ] {
        let rehearsal = rehearse(Kind::Personal, &format!("late = {{ notice = '{notice}' }}"));
        let alice = rehearsal.wechat().follower("alice");
        let exchange = says(&alice, &format!("after 60 {long}")).await;
        let text = exchange.text().unwrap_or_else(|| panic!("{notice}: {exchange:#?}"));
        assert!(text.starts_with(expected) && text.len() <= 2048, "{notice}: {text}");
    }
}

/// `busy` may be blank: it says nothing then (tests of the queue).
#[tokio::test(start_paused = true)]
async fn a_text_of_late_that_comes_to_nothing_is_the_default() {
    let blank = "{% if account.id == '' %}x{% endif %} ";
    let late = format!("late = {{ notice = \"{blank}\", nothing = \"{blank}\" }}");
    let rehearsal = rehearse(Kind::Personal, &late);
    let alice = rehearsal.wechat().follower("alice");
    assert_eq!(says(&alice, "silent 60").await.text(), Some(NOTICE));
    seconds(60).await;
    assert_eq!(says(&alice, "1").await.text(), Some("抱歉，没有找到答案。"));
}

#[tokio::test(start_paused = true)]
async fn a_notice_without_a_place_to_cut_leaves_no_room_for_more() {
    let solid = "{{ message.text | replace(' ', '') }}";
    for bytes in [2044, 2046, 2048, 2050, 3000] {
        let config = format!(
            "late = {{ notice = \"{solid}{solid}\" }}\n[[chain]]\nplugin = 'scripted'\nid = 'wordy'\n\
             later = '请稍候'"
        );
        let rehearsal = rehearse(Kind::Personal, &config);
        let alice = rehearsal.wechat().follower("alice");
        let words = format!("after 60 {}", "a".repeat(bytes / 2 - "after60".len()));
        let exchange = says(&alice, &words).await;
        let text = exchange.text().unwrap_or_else(|| panic!("{bytes}: {exchange:#?}"));
        let begins = text.starts_with("after60a") || text.starts_with("请\nafter60a");
        assert!(text.len() <= 2048 && begins, "{bytes}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_notice_that_is_too_long_is_cut_and_keeps_the_keyword() {
    let wordy = "[[chain]]\nplugin = 'scripted'\nid = 'wordy'\n\
                 later = '{{ message.text }}{{ message.text }}'";
    let may_send = format!("late = {{ customer_service = true }}\n{wordy}");
    for (kind, config, end) in
        [(Kind::Personal, wordy, NOTICE), (Kind::VerifiedService, &may_send, "after 60")]
    {
        let rehearsal = rehearse(kind, config);
        let alice = rehearsal.wechat().follower("alice");
        let exchange = says(&alice, &format!("after 60 {}", "a".repeat(1900))).await;
        let text = exchange.text().unwrap_or_else(|| panic!("on {kind}: {exchange:#?}"));
        assert!(text.starts_with("after 60 aaa") && text.ends_with(end), "on {kind}: {text}");
        assert!(text.len() <= 2048, "on {kind}: {} bytes", text.len());
    }
}

#[tokio::test(start_paused = true)]
async fn the_word_waits_for_work_that_still_runs() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 25 done").await;
    let exchange = says(&alice, "1").await;
    assert_eq!((exchange.text(), exchange.deliveries.len()), (Some("done"), 3));
    check(&alice, &[(14, NOTICE), (25, "done")]);
}

#[tokio::test(start_paused = true)]
async fn the_word_for_work_that_takes_very_long_is_answered_with_the_notice_again() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 60 done").await;
    assert_eq!(says(&alice, "1").await.text(), Some(NOTICE));
    seconds(60).await;
    assert_eq!(says(&alice, "1").await.text(), Some("done"));
}

#[tokio::test(start_paused = true)]
async fn the_next_question_is_always_worked_on() {
    for kind in Kind::ALL {
        let rehearsal = rehearse(*kind, "");
        let alice = rehearsal.wechat().follower("alice");
        let (_, second) = tokio::join!(says(&alice, "after 20 first"), async {
            seconds(1).await;
            says(&alice, "after 1 second").await
        });
        assert_eq!(second.failure(), None, "on {kind}");
        seconds(60).await;
        if MAY_NOT.contains(kind) {
            says(&alice, "1").await;
        }
        let all: String = shown(&alice).into_iter().map(|(_, words)| words + "\n").collect();
        for answer in ["first", "second"] {
            assert_eq!(
                all.matches(answer).count() - usize::from(all.contains(&format!("{answer}」"))),
                1,
                "on {kind}:\n{all}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_account_may_do_is_learnt_once_a_day() {
    let rehearsal = rehearse(Kind::Personal, "");
    let asked = |rehearsal: &Rehearsal| {
        rehearsal
            .wechat()
            .calls()
            .iter()
            .filter(|call| call.path.starts_with("/cgi-bin/message"))
            .count()
    };
    for n in 1..=3 {
        let alice = rehearsal.wechat().follower(&format!("alice {n}"));
        assert_eq!(says(&alice, "after 60 done").await.text(), Some(NOTICE));
        assert_eq!(asked(&rehearsal), 1, "after {n}");
    }
    seconds(25 * 3600).await;
    let alice = rehearsal.wechat().follower("alice again");
    assert_eq!(says(&alice, "after 60 done").await.text(), Some(NOTICE));
    assert_eq!(asked(&rehearsal), 2, "a day later");
}

#[tokio::test(start_paused = true)]
async fn several_parts_follow_in_order() {
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "parts 3 hello").await;
    seconds(5).await;
    check(&alice, &[(0, "hello 1"), (1, "hello 2"), (1, "hello 3")]);
    let bob = rehearsal.wechat().follower("bob");
    says(&bob, "slowparts 3 hello").await;
    seconds(60).await;
    let words: Vec<_> = shown(&bob).into_iter().map(|(_, words)| words).collect();
    assert_eq!(words, ["hello 1", "hello 2", "hello 3"]);
}

#[tokio::test(start_paused = true)]
async fn several_parts_are_one_reply_or_wait_where_nothing_may_be_sent() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    assert_eq!(says(&alice, "parts 3 hello").await.text(), Some("hello 1\n\nhello 2\n\nhello 3"));
    let begin = says(&alice, "bytes 5000").await;
    let mut got = begin.text().expect("it is text").to_owned();
    assert!(got.ends_with(MORE), "{got}");
    for _ in 0..2 {
        got += says(&alice, "1").await.text().expect("more waits");
    }
    assert_eq!(got.matches('a').count(), 5000, "nothing is lost and nothing is doubled");
    assert_eq!(says(&alice, "1").await.text(), Some("1"), "nothing waits any more");
}

#[tokio::test(start_paused = true)]
async fn a_plugin_may_say_early_that_it_takes_long() {
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
    let alice = rehearsal.wechat().follower("alice");
    let exchange = says(&alice, "later 60 done").await;
    assert_eq!((exchange.text(), exchange.deliveries.len()), (Some("this takes long"), 1));
    seconds(90).await;
    check(&alice, &[(0, "this takes long"), (60, "done")]);

    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    let exchange = says(&alice, "later 60 done").await;
    assert_eq!(exchange.text(), Some(&*format!("this takes long\n{NOTICE}")));
    seconds(60).await;
    assert_eq!(says(&alice, "1").await.text(), Some("done"));
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_the_chain_may_say_so_for_its_plugin() {
    let chain = "[[chain]]\nplugin = 'trouble'\nlater = '请稍候……'\nconfig = { lasts = '9s' }";
    let rehearsal =
        rehearse(Kind::VerifiedService, &format!("late = {{ customer_service = true }}\n{chain}"));
    let alice = rehearsal.wechat().follower("alice");
    assert_eq!(says(&alice, "wait").await.text(), Some("请稍候……"));
    seconds(20).await;
    check(&alice, &[(0, "请稍候……"), (9, "waited")]);
}

#[tokio::test(start_paused = true)]
async fn one_delivery_is_enough_for_who_wants_no_repeats() {
    let config = "late = { deliveries = 1, window = '2s' }";
    let rehearsal = rehearse(Kind::Test, config);
    let alice = rehearsal.wechat().follower("alice");
    let exchange = says(&alice, "after 60 done").await;
    assert_eq!((exchange.deliveries.len(), exchange.failure()), (1, None));
    assert_eq!(exchange.deliveries[0].took.as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_word_for_an_answer_that_came_to_nothing_says_so() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "silent 60").await;
    seconds(60).await;
    let exchange = says(&alice, "1").await;
    assert_eq!(exchange.text(), Some("抱歉，没有找到答案。"));
}

#[tokio::test(start_paused = true)]
async fn what_may_be_sent_later_is_sent_later() {
    for (fault, why) in [
        (ApiFault::Refused, "nobody listens"),
        (ApiFault::Errcode(-1), "busy"),
        (ApiFault::Errcode(45009), "the day's quota"),
    ] {
        let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
        rehearsal.wechat().fault(Fault::api(SEND, When::First(3), fault));
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "after 60 done").await;
        seconds(600).await;
        let words: Vec<_> = shown(&alice).into_iter().map(|(_, words)| words).collect();
        assert_eq!(words, ["done"], "{why}");
        check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"retried\"} 3");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_delivered_is_never_sent_again() {
    for (fault, arrived) in [
        (ApiFault::AnswerLost, 1),
        (ApiFault::BrokenJson, 1),
        (ApiFault::Status(500), 0),
        (ApiFault::Hang(std::time::Duration::from_secs(60)), 0),
    ] {
        let late = "late = { customer_service = true, unclear = 'drop' }";
        let rehearsal = rehearse(Kind::VerifiedService, late);
        rehearsal.wechat().fault(Fault::api(SEND, When::Nth(1), fault));
        let alice = rehearsal.wechat().follower("alice");
        says(&alice, "after 30 done").await;
        seconds(3600).await;
        assert_eq!(shown(&alice).len(), arrived, "{fault:?}");
        assert_eq!(sends(&rehearsal), arrived, "{fault:?}");
        check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"unclear\"} 1");
        let listed =
            listing::page(&**rehearsal.bot().store(), None, 9).await.expect("it is memory").listed;
        let states: Vec<_> = listed.iter().map(|late| late.state).collect();
        assert_eq!(states, [State::GivenUp], "{fault:?}: it is listed");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_beyond_the_quota_is_not_made_and_the_answer_waits() {
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "slowparts 7 part").await;
    seconds(60).await;
    assert_eq!(shown(&alice).len(), 5, "five messages for one of theirs");
    assert_eq!(sends(&rehearsal), 5);
    let next = says(&alice, "hi").await;
    let text = next.text().expect("it is text");
    assert!(
        text.starts_with("hi\n\n") && text.contains("part 6") && text.contains("part 7")
            || text.contains(MORE),
        "{text}"
    );
    // A tap on the menu allows three within a minute; this comes after an hour and a half.
    let bob = rehearsal.wechat().follower("bob");
    bob.does(Act::click("after 90 done")).await.expect("they follow");
    seconds(120).await;
    assert_eq!(sends(&rehearsal), 5, "it would be refused");
    let text = says(&bob, "hi").await;
    assert!(text.text().is_some_and(|text| text.contains("done")), "{text:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_can_never_be_delivered_is_given_up_and_listed() {
    let rehearsal = rehearse(Kind::VerifiedService, "late = { customer_service = true }");
    let alice = rehearsal.wechat().follower("alice");
    let leaves = async {
        seconds(20).await;
        alice.does(Act::Unsubscribe).await.expect("they follow");
    };
    tokio::join!(says(&alice, "after 30 done"), leaves);
    seconds(60).await;
    check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"given_up\"} 1");
}

#[tokio::test(start_paused = true)]
async fn thousands_who_wait_all_get_their_answer() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let followers: Vec<_> =
        (0..2000).map(|n| rehearsal.wechat().follower(&format!("follower {n}"))).collect();
    let takes = ["0", "3", "8", "12", "20", "90"];
    let acts = followers.iter().zip(takes.iter().cycle()).map(|(follower, takes)| async move {
        let exchange = says(follower, &format!("after {takes} done")).await;
        assert_eq!(exchange.failure(), None, "{exchange:#?}");
        for delivery in &exchange.deliveries {
            assert!(delivery.took.as_secs_f64() <= 5.0, "{exchange:#?}");
        }
    });
    join_all(acts).await;
    seconds(120).await;
    for follower in &followers {
        let words: Vec<_> = shown(follower).into_iter().map(|(_, words)| words).collect();
        assert_eq!(words.iter().filter(|words| *words == "done").count(), 1, "{words:?}");
    }
    assert_eq!(rehearsal.asked().total(), (2000, 2000));
}

/// What an operator sees: the state of each, the oldest first.
async fn listed(rehearsal: &Rehearsal) -> Vec<State> {
    let page = listing::page(&**rehearsal.bot().store(), None, 99).await.expect("it is memory");
    page.listed.iter().map(|late| late.state).collect()
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_follower_is_listed_until_it_is_given() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 30 done").await;
    seconds(60).await;
    assert_eq!(listed(&rehearsal).await, [State::Waiting]);
    assert_eq!(says(&alice, "1").await.text(), Some("done"));
    seconds(1).await;
    assert_eq!(listed(&rehearsal).await, []);
}

#[tokio::test(start_paused = true)]
async fn what_waits_too_long_is_counted() {
    let rehearsal = rehearse(Kind::Personal, "late = { ttl = '10m' }");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 30 done").await;
    seconds(11 * 60).await;
    check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"expired\"} 1");
    assert_eq!(listed(&rehearsal).await, []);
    assert_eq!(says(&alice, "1").await.text(), Some("1"), "nothing waits");
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_dropped_by_an_operator() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "after 30 done").await;
    seconds(60).await;
    let store = &**rehearsal.bot().store();
    let page = listing::page(store, None, 9).await.expect("it is memory");
    let now = rehearsal.bot().clock().millis();
    assert!(intervention::drop(store, &page.listed[0].id, now).await.expect("it is memory"));
    assert_eq!(listed(&rehearsal).await, []);
    assert_eq!(says(&alice, "1").await.text(), Some("1"), "nothing waits");
}

#[tokio::test(start_paused = true)]
async fn of_too_many_that_wait_the_oldest_is_given_up() {
    let rehearsal = rehearse(Kind::Personal, "");
    let alice = rehearsal.wechat().follower("alice");
    for n in 0..17 {
        says(&alice, &format!("after 30 done-{n}")).await;
        seconds(31).await;
    }
    check_counted(&rehearsal, "wxbot_late_total{account=\"main\",fate=\"given_up\"} 1");
    assert_eq!(listed(&rehearsal).await, [State::Waiting; 16]);
}
