//! A bot may be tried out in a process where another one runs: neither notices, and nothing stays.

use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot_sdk::store::Store;
use wxbot_sim::Kind;
use wxbot_store::Memory;
use wxbot_tests::bot::{ECHO, SocketBot};
use wxbot_tests::scripted::{BEGINS, Scripted, asked, rehearse, says, seconds, shown};

#[test]
fn a_rehearsal_runs_on_its_own_time_beside_a_bot_that_serves() {
    let serving = SocketBot::with_chain(ECHO);
    let mut paused = tokio::runtime::Builder::new_current_thread();
    let paused = paused.enable_all().start_paused(true).build().expect("it needs no threads");
    let rehearsed = paused.block_on(async {
        let rehearsal = rehearse(Kind::VerifiedService, "");
        let alice = rehearsal.follower("alice");
        says(&alice, "after 60 done").await;
        assert_eq!(serving.says("hi"), "hi", "on the machine's time");
        seconds(60).await;
        assert_eq!(asked(&rehearsal, &alice, "after 60 done"), 1);
        shown(&alice)
    });
    assert_eq!(rehearsed, [(60, "done".into())]);
    let asked = "wxbot_decisions_total{link=\"echo\",plugin=\"echo\",decision=\"reply\"}";
    assert_eq!(serving.metric(asked), 1.0, "of its own message only");
}

#[tokio::test(start_paused = true)]
async fn two_rehearsals_know_nothing_of_each_other() {
    let count = "[[chain]]\nplugin = 'counter'\nwhen = { full = 'count' }\n";
    let (first, second) = (rehearse(Kind::Personal, count), rehearse(Kind::Personal, count));
    for (rehearsal, counted) in [(&first, "1 of 1"), (&first, "2 of 2"), (&second, "1 of 1")] {
        let alice = rehearsal.follower("alice");
        assert_eq!(says(&alice, "count").await.text(), Some(counted), "in its own store");
    }
    assert_eq!((first.asked().total(), second.asked().total()), ((2, 2), (1, 1)));
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_rehearsal_is_left_behind() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let scripted = Scripted::new(Kind::VerifiedService, "");
    let wechat = scripted.wechat();
    let setup = scripted.around(&wechat).store(Arc::clone(&store));
    let rehearsal = setup.start(&Handle::current()).expect("the account is right");
    wechat.connect(rehearsal.accounts()[0].endpoint.clone());
    let alice = wechat.follower("alice");
    says(&alice, "after 20 done").await;
    seconds(60).await;
    assert_eq!(shown(&alice).len(), 1);
    let bot = Arc::downgrade(rehearsal.bot());
    drop((rehearsal, wechat));
    seconds(1).await;
    assert!(bot.upgrade().is_none(), "the bot is gone, although she still has her phone");
    assert_eq!(Arc::strong_count(&store), 1, "nothing of it runs any more");
    assert!(says(&alice, "hi").await.failure().is_some(), "nobody is there");
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_begins_when_it_is_told_to() {
    let rehearsal = rehearse(Kind::Personal, "");
    assert_eq!(rehearsal.bot().clock().seconds(), BEGINS);
    seconds(90).await;
    let clocks = (rehearsal.bot().clock().seconds(), rehearsal.wechat().clock().now());
    assert_eq!(clocks, (BEGINS + 90, BEGINS + 90), "the bot's and WeChat's go together");
}
