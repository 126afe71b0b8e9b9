//! Faults on the way to the bot, by rule and by chance.

use std::time::Duration;

use wxbot_sim::{
    Account, Broken, Cause, DeliveryFault, Exchange, Fault, Options, Outcome, Verdict, When,
};

use crate::bot::{START, Step, pair, simple};

/// A fault in the first delivery of each act.
fn first(fault: DeliveryFault) -> Fault {
    Fault::Delivery { number: Some(1), when: When::Always, fault }
}

#[tokio::test(start_paused = true)]
async fn a_lost_delivery_is_repeated() {
    let (wechat, bot) = simple(&[Step::Echo]);
    wechat.fault(first(DeliveryFault::Lost));
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.text(), Some("hi"));
    assert_eq!((exchange.deliveries.len(), bot.heard().len()), (2, 1));
    assert_eq!(exchange.deliveries[0].outcome, Outcome::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_delivery_has_less_time() {
    for (by, deliveries) in [(1_000, 1), (3_500, 2)] {
        let (wechat, _) = simple(&[Step::Late(2_000)]);
        let fault = DeliveryFault::Delayed(Duration::from_millis(by));
        wechat.fault(first(fault));
        let exchange = wechat.follower("alice").does("hi").await.unwrap();
        assert_eq!(exchange.text(), Some("hi"));
        assert_eq!(exchange.deliveries.len(), deliveries, "{by}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_double_is_delivered_at_once_and_the_first_answer_counts() {
    let (wechat, bot) = simple(&[Step::Late(1_000), Step::Late(1_000)]);
    wechat.fault(Fault::delivery(When::Always, DeliveryFault::Duplicated));
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.text(), Some("hi"));
    let heard = bot.heard();
    assert_eq!((heard.len(), &heard[0]), (2, &heard[1]));
    assert_eq!(exchange.deliveries[0].double.as_ref(), Some(&exchange.deliveries[0].outcome));
    assert_eq!(wechat.clock().now(), START + 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_lost_in_the_middle() {
    let (wechat, bot) = simple(&[Step::Echo]);
    wechat.fault(Fault::delivery(When::Nth(1), DeliveryFault::Reset));
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.deliveries[0].outcome, Outcome::Broken(Broken::Reset));
    assert_eq!((exchange.text(), bot.heard().len()), (Some("hi"), 2));
    wechat.clear_faults();
    assert_eq!(wechat.follower("alice").does("hi").await.unwrap().deliveries.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_is_away_is_a_notice() {
    let (wechat, bot) = simple(&[Step::Echo]);
    wechat.fault(Fault::delivery(When::Always, DeliveryFault::Refused));
    let exchange = wechat.follower("alice").does("hi").await.unwrap();
    assert_eq!(exchange.verdict, Verdict::Notice(Cause::Broken(Broken::Refused)));
    assert!(bot.heard().is_empty());
}

/// Thirty messages from three followers, while a third of all deliveries fail.
async fn bad_day(seed: u64) -> Vec<Exchange> {
    let options = Options { seed, ..Options::default() };
    let (wechat, _) = pair(Account::default(), options, &[Step::Late(3_000), Step::Late(100)]);
    let late = DeliveryFault::Delayed(Duration::from_millis(700));
    for fault in [DeliveryFault::Lost, DeliveryFault::Duplicated, late] {
        wechat.fault(Fault::delivery(When::Chance(0.15), fault));
    }
    let acts = (0..30).map(|number: u32| {
        let follower = wechat.follower(["alice", "bob", "carol"][number as usize % 3]);
        tokio::spawn(async move { follower.does(&*number.to_string()).await.unwrap() })
    });
    for act in acts.collect::<Vec<_>>() {
        act.await.unwrap();
    }
    wechat.exchanges()
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_is_the_same_run() {
    let (once, again, other) = (bad_day(7).await, bad_day(7).await, bad_day(8).await);
    assert_eq!(once.len(), 30);
    assert!(once.iter().any(|exchange| exchange.deliveries.len() > 1), "nothing went wrong");
    assert_eq!(shape(&once), shape(&again));
    assert_ne!(shape(&once), shape(&other));
}

/// Everything but absolute times, as virtual time advances between two runs.
fn shape(exchanges: &[Exchange]) -> Vec<String> {
    let told = exchanges.iter().map(|exchange| {
        let deliveries = exchange.deliveries.iter().map(|delivery| {
            format!("{:?} {:?} {:?}", delivery.took, delivery.request.query, delivery.outcome)
        });
        format!("{} {:?} {:?}", exchange.openid, exchange.msg_id, deliveries.collect::<Vec<_>>())
    });
    told.collect()
}
