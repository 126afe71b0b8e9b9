//! Audiences by tag: who is in one is asked of WeChat, rarely, and where it can't be asked nobody is.

use std::time::Duration;

use wxbot::rehearsal::Rehearsal;
use wxbot_sdk::api::Api;
use wxbot_sim::{ApiFault, Fault, Follower, Kind, When};
use wxbot_tests::scripted::{another_program, rehearse, says, seconds};

const GUESTS: &str = "[audience.vip]\ntag = 'VIP'\nopenid = 'oBOSS'\n\
    [[chain]]\nplugin = 'keywords'\nwhen = { audience = 'vip' }\n\
    [[chain.config.rules]]\ncontains = '茶'\nreply = '贵宾请上座'\n\
    [[chain]]\nplugin = 'says'\nconfig = { reply = '请坐' }\n";
const OF_FOLLOWER: &str = "/cgi-bin/tags/getidlist";

/// An account where alice has the tag, and bob has none.
async fn scene(kind: Kind) -> (Rehearsal, [Follower; 2]) {
    let rehearsal = rehearse(kind, GUESTS);
    let followers = ["alice", "bob"].map(|name| rehearsal.wechat().follower(name));
    if kind == Kind::VerifiedService {
        let api: &dyn Api = &another_program(&rehearsal);
        let vip = api.tags().create("VIP").await.expect("it is created");
        api.tags().create("other").await.expect("it is created");
        api.tags().tag(vip.id, &[followers[0].openid()]).await.expect("she has it");
    }
    (rehearsal, followers)
}

fn calls(rehearsal: &Rehearsal, path: &str) -> usize {
    rehearsal.wechat().calls().iter().filter(|call| call.path == path).count()
}

#[tokio::test(start_paused = true)]
async fn who_has_the_tag_is_in_the_audience_and_asked_for_once_in_a_while() {
    let (rehearsal, [alice, bob]) = scene(Kind::VerifiedService).await;
    for _ in 0..3 {
        assert_eq!(says(&alice, "茶").await.text(), Some("贵宾请上座"));
        assert_eq!(says(&bob, "茶").await.text(), Some("请坐"));
    }
    assert_eq!((calls(&rehearsal, OF_FOLLOWER), calls(&rehearsal, "/cgi-bin/tags/get")), (2, 1));
    let api: &dyn Api = &another_program(&rehearsal);
    let vip = api.tags().named("VIP").await.expect("it is listed").expect("it is there");
    api.tags().untag(vip.id, &[alice.openid()]).await.expect("she has it no more");
    assert_eq!(says(&alice, "茶").await.text(), Some("贵宾请上座"), "that is not known yet");
    seconds(601).await;
    assert_eq!(says(&alice, "茶").await.text(), Some("请坐"));
    assert_eq!(calls(&rehearsal, OF_FOLLOWER), 3);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_ask_has_nobody_in_it_and_asks_rarely() {
    let (rehearsal, [alice, bob]) = scene(Kind::Personal).await;
    for follower in [&alice, &bob, &alice, &bob] {
        assert_eq!(says(follower, "茶").await.text(), Some("请坐"));
    }
    assert_eq!(calls(&rehearsal, OF_FOLLOWER), 1);
    seconds(601).await;
    says(&alice, "茶").await;
    assert_eq!(calls(&rehearsal, OF_FOLLOWER), 2, "it may be allowed by now");
}

#[tokio::test(start_paused = true)]
async fn an_api_that_hangs_costs_one_message_two_seconds() {
    let (rehearsal, [alice, bob]) = scene(Kind::VerifiedService).await;
    let hangs = ApiFault::Hang(Duration::from_secs(3600));
    rehearsal.wechat().fault(Fault::api(OF_FOLLOWER, When::Always, hangs));
    let began = tokio::time::Instant::now();
    assert_eq!(says(&alice, "茶").await.text(), Some("请坐"));
    let took = began.elapsed();
    assert!((2..4).contains(&took.as_secs()), "{took:?}");
    assert_eq!(says(&bob, "茶").await.text(), Some("请坐"));
    assert_eq!(began.elapsed(), took, "nobody waits for it again");
    rehearsal.wechat().clear_faults();
    seconds(61).await;
    assert_eq!(says(&alice, "茶").await.text(), Some("贵宾请上座"));
}

#[tokio::test(start_paused = true)]
async fn a_chain_without_such_an_audience_asks_for_nothing() {
    let config = GUESTS.replace("tag = 'VIP'", "");
    let rehearsal = rehearse(Kind::VerifiedService, &config);
    let alice = rehearsal.wechat().follower("alice");
    assert_eq!(says(&alice, "茶").await.text(), Some("请坐"));
    assert_eq!(rehearsal.wechat().calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_refused_is_told_so_by_tag_too() {
    let config = GUESTS.replace(
        "when = { audience = 'vip' }",
        "when = { audience = 'vip', contains = '茶' }\nrefusal = '只限贵宾'",
    );
    let rehearsal = rehearse(Kind::VerifiedService, &config);
    let [alice, bob] = ["alice", "bob"].map(|name| rehearsal.wechat().follower(name));
    let api: &dyn Api = &another_program(&rehearsal);
    let vip = api.tags().create("VIP").await.expect("it is created");
    api.tags().tag(vip.id, &[alice.openid()]).await.expect("she has it");
    assert_eq!(says(&alice, "茶").await.text(), Some("贵宾请上座"));
    assert_eq!(says(&bob, "茶").await.text(), Some("只限贵宾"));
}
