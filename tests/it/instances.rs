//! Several instances share the work: a repeat may arrive at any of them, and one of them may die
//! at any moment.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use wxbot_core::bot::Bot;
use wxbot_core::late::listing::{Listed, State};
use wxbot_sdk::store::{Reach, Store};
use wxbot_sim::{Account, ApiFault, Clock, Fault, Follower, Kind, Options, Repeats, WeChat, When};
use wxbot_store::Memory;
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{BEGINS, SEND, Scripted, says, seconds, shown};

struct Together {
    instances: Arc<Instances>,
    wechat: WeChat,
}

fn together(count: usize, setup: Scripted) -> Together {
    let wechat = setup.wechat();
    let store = Arc::new(Memory::default());
    let instances = Instances::new(count, setup, &wechat, store);
    Together { instances, wechat }
}

fn words(follower: &Follower) -> Vec<String> {
    shown(follower).into_iter().map(|(_, words)| words).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_is_worked_on_once_wherever_its_deliveries_arrive() {
    for repeats in [Repeats::SameQuery, Repeats::FreshQuery] {
        let options = Options { repeats, ..Options::default() };
        let all = together(3, Scripted { options, ..Scripted::default() });
        for (takes, deliveries) in [("0", 1), ("3", 1), ("8", 2), ("12", 3)] {
            let alice = all.wechat.follower(&format!("alice {takes}"));
            let said = format!("after {takes} done");
            let exchange = says(&alice, &said).await;
            assert_eq!((exchange.text(), exchange.deliveries.len()), (Some("done"), deliveries));
            assert_eq!(all.instances.asked(&alice, &said), 1, "{takes} s");
        }
        let bob = all.wechat.follower("bob");
        says(&bob, "after 60 done").await;
        seconds(60).await;
        assert_eq!(words(&bob), ["done"]);
        assert_eq!(all.instances.asked(&bob, "after 60 done"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_notice_and_what_waits_are_the_same_everywhere() {
    let all = together(3, Scripted { kind: Kind::Personal, ..Scripted::default() });
    let alice = all.wechat.follower("alice");
    says(&alice, "after 60 done").await;
    seconds(60).await;
    assert_eq!(says(&alice, "1").await.text(), Some("done"));
    assert_eq!(says(&alice, "1").await.text(), Some("1"));
    assert_eq!(all.instances.asked(&alice, "after 60 done"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_followers_messages_keep_their_order_over_all_instances() {
    let all = together(3, Scripted::default());
    let alice = all.wechat.follower("alice");
    let acts = ["after 2 a", "after 1 b", "after 1 c"].into_iter().enumerate().map(|(n, words)| {
        let alice = &alice;
        async move {
            tokio::time::sleep(Duration::from_millis(100 * n as u64)).await;
            says(alice, words).await
        }
    });
    join_all(acts).await;
    assert_eq!(words(&alice), ["a", "b", "c"]);
    let seconds: Vec<_> = shown(&alice).into_iter().map(|(second, _)| second).collect();
    assert!(seconds[0] == 2 && seconds[1] >= 3 && seconds[2] >= 4, "{seconds:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_plugin_keeps_is_seen_by_all() {
    let config = "[[chain]]\nplugin = 'counter'\nwhen = { full = 'count' }\n".into();
    let all = together(3, Scripted { config, ..Scripted::default() });
    let (alice, bob) = (all.wechat.follower("alice"), all.wechat.follower("bob"));
    for n in 1..=6 {
        assert_eq!(says(&alice, "count").await.text(), Some(&*format!("{n} of {n}")));
    }
    assert_eq!(says(&bob, "count").await.text(), Some("1 of 7"));
}

#[tokio::test(start_paused = true)]
async fn a_repeat_takes_over_from_an_instance_that_died() {
    let all = together(2, Scripted::default());
    let alice = all.wechat.follower("alice");
    let dies = async {
        seconds(1).await;
        all.instances.kill_one();
    };
    let (exchange, ()) = tokio::join!(says(&alice, "after 3 done"), dies);
    assert_eq!(exchange.text(), Some("done"), "{exchange:#?}");
    assert_eq!(words(&alice), ["done"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_instance_promised_is_kept_by_another() {
    for kind in [Kind::VerifiedService, Kind::Personal] {
        let all = together(2, Scripted { kind, ..Scripted::default() });
        let alice = all.wechat.follower("alice");
        says(&alice, "after 40 done").await;
        all.instances.kill_one();
        all.instances.start_one();
        seconds(120).await;
        if kind == Kind::Personal {
            says(&alice, "1").await;
        }
        let done = words(&alice).iter().filter(|words| *words == "done").count();
        assert_eq!(done, 1, "on {kind}: {:?}", words(&alice));
    }
}

/// Two bots on one store call their accounts the same: each gives its own answers.
#[tokio::test(start_paused = true)]
async fn an_answer_of_another_app_id_is_left_to_whose_it_is() {
    let store = Arc::new(Memory::default());
    let bot = |app_id: &str| {
        let account =
            Account { kind: Kind::VerifiedService, app_id: app_id.into(), ..Account::default() };
        let clock = Clock::starting_at(BEGINS);
        let wechat = WeChat::with(account, clock, Options::default()).expect("it is right");
        let shared = Arc::clone(&store) as Arc<dyn Store>;
        let setup = Scripted::new(Kind::VerifiedService, &format!("app_id = '{app_id}'"));
        (Instances::none(setup, &wechat, shared, Reach::Instances), wechat)
    };
    let (owners, wechat) = bot("wx1111111111111111");
    owners.start_one();
    let alice = wechat.follower("alice");
    says(&alice, "after 30 done").await;
    owners.kill_one();
    let (others, other_wechat) = bot("wx2222222222222222");
    others.start_one();
    seconds(600).await;
    assert!(other_wechat.calls().iter().all(|call| call.path != SEND), "it is none of theirs");
    owners.start_one();
    seconds(600).await;
    assert_eq!(words(&alice), ["done"]);
}

/// Each part of an answer once, in order.
fn check_parts(follower: &Follower, parts: usize, why: &str) {
    let expected: Vec<_> = (1..=parts).map(|n| format!("part {n}")).collect();
    let found: Vec<_> =
        words(follower).into_iter().filter(|words| words.starts_with("part")).collect();
    assert_eq!(found, expected, "{why}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_stood_still_sends_nothing_that_another_has_sent() {
    for stopped_at in [31, 32, 33, 34] {
        let setup = Scripted::new(Kind::VerifiedService, "late = { customer_service = true }");
        let all = together(0, setup);
        let first = all.instances.start_one();
        all.wechat.fault(Fault::api(
            SEND,
            When::Always,
            ApiFault::Slow(Duration::from_millis(1700)),
        ));
        let alice = all.wechat.follower("alice");
        let stops = async {
            seconds(stopped_at).await;
            first.stop_for(Duration::from_secs(100));
            all.instances.start_one();
        };
        let (exchange, ()) = tokio::join!(says(&alice, "slowparts 3 part"), stops);
        assert_eq!(exchange.failure(), None, "{exchange:#?}");
        seconds(300).await;
        let (shown, in_flight) = (words(&alice), 1);
        assert!(shown.len() <= 3 + in_flight, "stopped at {stopped_at} s: {shown:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn instances_whose_clocks_differ_send_each_answer_once() {
    for ahead in [35, 250, -35, -250] {
        let setup = Scripted::new(Kind::VerifiedService, "late = { customer_service = true }");
        let all = together(1, setup);
        all.instances.start_one_ahead(ahead);
        all.wechat.fault(Fault::api(SEND, When::Always, ApiFault::Slow(Duration::from_secs(6))));
        for n in 0..6 {
            let alice = all.wechat.follower(&format!("alice {n}"));
            let exchange = says(&alice, "slowparts 3 part").await;
            assert_eq!(exchange.failure(), None, "{exchange:#?}");
            seconds(200).await;
            check_parts(&alice, 3, &format!("{ahead} s ahead"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_in_trouble_silences_nobody() {
    let all = together(1, Scripted::default());
    all.instances.trouble(true);
    for (takes, deliveries) in [("0", 1), ("8", 2)] {
        let alice = all.wechat.follower(&format!("alice {takes}"));
        let said = format!("after {takes} done");
        let exchange = says(&alice, &said).await;
        assert_eq!((exchange.text(), exchange.deliveries.len()), (Some("done"), deliveries));
        assert_eq!(all.instances.asked(&alice, &said), 1);
    }
    let bob = all.wechat.follower("bob");
    let exchange = says(&bob, "after 60 done").await;
    assert_eq!(exchange.failure(), None);
    all.instances.trouble(false);
    seconds(60).await;
    if words(&bob).iter().all(|words| words != "done") {
        says(&bob, "1").await;
    }
    assert_eq!(words(&bob).iter().filter(|words| *words == "done").count(), 1, "{:?}", words(&bob));
}

/// What is late by this bot, first what its store would not take; without the rest where that can't
/// be read.
async fn listed(bot: &Bot) -> Vec<Listed> {
    let (mut listed, mut next) = (Vec::new(), None);
    while let Ok(page) = bot.outbox().list(next, 2).await {
        listed.extend(page.listed);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    listed
}

#[tokio::test(start_paused = true)]
async fn what_the_store_does_not_take_is_listed_and_can_be_dropped() {
    let all = together(1, Scripted { kind: Kind::Personal, ..Scripted::default() });
    let bot = all.instances.one_bot();
    let names = ["alice", "bob", "carol", "dave", "eve"];
    let followers = names.map(|name| all.wechat.follower(name));
    all.instances.trouble(true);
    let asking = followers.iter().map(|follower| says(follower, "after 30 done"));
    join_all(asking).await;
    seconds(60).await;
    let unwritten = listed(&bot).await;
    assert_eq!(unwritten.len(), 5, "on pages of two: {unwritten:#?}");
    assert!(unwritten.iter().all(|late| late.state == State::Unwritten), "{unwritten:#?}");
    let metrics = bot.render_metrics().expect("text is written");
    assert!(metrics.contains("wxbot_late_unwritten 5\n"), "{metrics}");
    let dropped = &unwritten[0];
    assert!(bot.outbox().drop(&dropped.id).await.expect("it is in memory"));
    assert_eq!(listed(&bot).await.len(), 4);

    all.instances.trouble(false);
    seconds(600).await;
    let stored = listed(&bot).await;
    assert_eq!(stored.len(), 4, "{stored:#?}");
    assert!(stored.iter().all(|late| late.state == State::Waiting), "{stored:#?}");
    let mut given = 0;
    for follower in &followers {
        given += usize::from(says(follower, "1").await.text() == Some("done"));
    }
    assert_eq!(given, 4, "all but the one that was dropped");
}

/// Answers of 60 KB, the longest there are, and more of them than the 32 MiB that they may take in
/// memory.
#[tokio::test(start_paused = true)]
async fn an_answer_that_neither_the_store_nor_memory_takes_is_given_up() {
    let all = together(1, Scripted { kind: Kind::Personal, ..Scripted::default() });
    let bot = all.instances.one_bot();
    let followers: Vec<_> =
        (0..600).map(|n| all.wechat.follower(&format!("follower {n}"))).collect();
    all.instances.trouble(true);
    let said = format!("slowparts 32 {}", "a".repeat(1900));
    join_all(followers.iter().map(|follower| says(follower, &said))).await;
    seconds(60).await;
    let kept = listed(&bot).await.len();
    assert!((500..600).contains(&kept), "{kept} of 600 fit");
    let metrics = bot.render_metrics().expect("text is written");
    let given_up =
        format!("wxbot_late_total{{account=\"main\",fate=\"given_up\"}} {}\n", 600 - kept);
    for line in [given_up, format!("wxbot_late_unwritten {kept}\n")] {
        assert!(metrics.contains(&line), "no {line} in\n{metrics}");
    }
}

/// The store goes away and comes back at every moment of a late answer's life.
#[tokio::test(start_paused = true)]
async fn a_lost_store_neither_loses_nor_doubles_a_late_answer() {
    for kind in [Kind::VerifiedService, Kind::Personal] {
        for (from, to) in [(1, 90), (13, 15), (14, 40), (14, 90), (16, 29), (29, 31), (30, 90)] {
            // Two would know nothing of each other meanwhile, and both work on it.
            let all = together(1, Scripted { kind, ..Scripted::default() });
            let alice = all.wechat.follower("alice");
            let trouble = async {
                seconds(from).await;
                all.instances.trouble(true);
                seconds(to - from).await;
                all.instances.trouble(false);
            };
            let (exchange, ()) = tokio::join!(says(&alice, "after 30 done"), trouble);
            assert_eq!(exchange.failure(), None, "{exchange:#?}");
            seconds(200).await;
            let mut answers = words(&alice);
            if !answers.iter().any(|words| words == "done") {
                answers.extend(says(&alice, "1").await.text().map(str::to_owned));
            }
            let done = answers.iter().filter(|words| *words == "done").count();
            assert_eq!(done, 1, "gone from {from} s to {to} s on {kind}: {answers:?}");
        }
    }
}

/// Deliveries of many followers, while an instance dies and another one starts again and again.
#[tokio::test(start_paused = true)]
async fn with_instances_dying_all_the_time_every_message_has_one_answer() {
    let all = together(3, Scripted::default());
    let followers: Vec<_> =
        (0..200).map(|n| all.wechat.follower(&format!("follower {n}"))).collect();
    let takes = ["0", "0.3", "1", "3", "7"];
    let acts = followers.iter().zip(takes.iter().cycle()).enumerate().map(
        |(n, (follower, takes))| async move {
            tokio::time::sleep(Duration::from_millis(n as u64 * 50)).await;
            says(follower, &format!("after {takes} done")).await
        },
    );
    let killing = async {
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            all.instances.kill_one();
            all.instances.start_one();
        }
    };
    tokio::join!(join_all(acts), killing);
    seconds(120).await;
    let mut failed = 0;
    for (follower, takes) in followers.iter().zip(takes.iter().cycle()) {
        let runs = all.instances.asked(follower, &format!("after {takes} done"));
        let words = words(follower);
        let answers = words.iter().filter(|words| *words == "done").count();
        assert!(answers <= 1, "two answers: {words:?}");
        failed += usize::from(answers == 0);
        assert!(runs > 0 || answers == 0, "never worked on");
    }
    assert!(failed <= 10, "{failed} of 200 were delivered to dying instances three times");
}
