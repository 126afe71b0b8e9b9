//! How much may be asked, and what is said then.

use std::time::Duration;

use super::*;

const TOO_FAST: &str = "您问得太快了，请过一会儿再问。";
const DAY_OVER: &str = "您今天的提问次数用完了，请明天再来。";
const TOTAL_OVER: &str = "今天的额度用完了，请明天再来。";
const DAY: Duration = Duration::from_secs(86400);

fn good(_: &Received) -> Script {
    Script::text("好").usage(60, 40)
}

#[tokio::test]
async fn a_follower_may_ask_so_often_a_minute() {
    let (bot, model) = bot("limits = { per_minute = 2 }", good).await;
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    alice.says("1").await.sees(&labelled("好"));
    alice.says("2").await.sees(&labelled("好"));
    alice.says("3").await.sees(TOO_FAST);
    alice.says("/reset").await.sees("好的，我们重新开始。");
    bob.says("1").await.sees(&labelled("好"));
    assert_eq!(model.received().len(), 3);
    bot.advance(Duration::from_secs(60)).await;
    alice.says("4").await.sees(&labelled("好"));
}

#[tokio::test]
async fn a_follower_may_ask_so_often_a_day() {
    let (bot, _) = bot("limits = { per_day = 1 }", good).await;
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    alice.says("1").await.sees(&labelled("好"));
    alice.says("2").await.sees(DAY_OVER);
    bob.says("1").await.sees(&labelled("好"));
    // It is eight in the morning; the day ends at midnight.
    bot.advance(DAY * 2 / 3 - Duration::from_secs(60)).await;
    alice.says("3").await.sees(DAY_OVER);
    bot.advance(Duration::from_secs(60)).await;
    alice.says("4").await.sees(&labelled("好"));
}

#[tokio::test]
async fn tokens_of_a_follower_are_counted() {
    let (bot, _) = bot("limits = { tokens_per_day = 150 }", good).await;
    let alice = bot.follower("alice");
    alice.says("1").await.sees(&labelled("好"));
    alice.says("2").await.sees(&labelled("好"));
    alice.says("3").await.sees(DAY_OVER);
    bot.advance(DAY).await;
    alice.says("4").await.sees(&labelled("好"));
}

#[tokio::test]
async fn tokens_of_everybody_are_counted() {
    let (bot, model) = bot("limits = { total_tokens_per_day = 150 }", good).await;
    for (name, seen) in [("a", labelled("好")), ("b", labelled("好")), ("c", TOTAL_OVER.into())] {
        bot.follower(name).says("hi").await.sees(&seen);
    }
    assert_eq!(model.received().len(), 2);
    bot.advance(DAY).await;
    bot.follower("c").says("hi").await.sees(&labelled("好"));
}

#[tokio::test]
async fn a_hundred_at_once_are_all_counted() {
    let limits = "limits = { total_tokens_per_day = 10000 }";
    let slow = |_: &Received| Script::text("好").usage(60, 40).over(Duration::from_secs(1));
    let (bot, _) = bot(limits, slow).await;
    let all: Vec<_> = (0..100).map(|n| bot.follower(&format!("f{n}"))).collect();
    let asked: Vec<_> = all.iter().map(|follower| tokio::spawn(follower.says("hi"))).collect();
    for heard in asked {
        heard.await.unwrap().sees(&labelled("好"));
    }
    bot.follower("last").says("hi").await.sees(TOTAL_OVER);
}

#[tokio::test]
async fn so_many_are_asked_at_once_and_the_others_wait() {
    let slow = |_: &Received| Script::text("好").after(Duration::from_secs(10));
    let (bot, model) = bot("concurrency = 2", slow).await;
    let all: Vec<_> = (0..5).map(|n| bot.follower(&format!("f{n}"))).collect();
    let asked: Vec<_> = all.iter().map(|follower| tokio::spawn(follower.says("hi"))).collect();
    for (seconds, expected) in [(5, 2), (10, 4), (10, 5)] {
        bot.advance(Duration::from_secs(seconds)).await;
        assert_eq!(model.received().len(), expected);
    }
    bot.advance(Duration::from_secs(10)).await;
    for heard in asked {
        let heard = heard.await.unwrap();
        assert_eq!(heard.bubbles().len(), 1, "{heard:?}");
    }
}

#[tokio::test]
async fn who_has_no_turn_in_time_is_told() {
    let slow = |_: &Received| Script::text("好").after(Duration::from_secs(100));
    let config = "concurrency = 1\nidle_timeout = '5m'\nerrors = 'show'";
    let (bot, model) = bot(config, slow).await;
    let all = ["first", "second"].map(|name| bot.follower(name));
    let asked = all.each_ref().map(|follower| tokio::spawn(follower.says("hi")));
    bot.advance(Duration::from_secs(120)).await;
    let [first, second] = asked;
    first.await.unwrap().sees_later(&labelled("好"));
    // It had ten seconds left.
    second.await.unwrap().sees_later_contains("(it took too long)");
    assert_eq!(model.received().len(), 2);
}

#[tokio::test]
async fn what_the_api_does_not_count_is_estimated() {
    let limits = "prompt = ''\nlimits = { tokens_per_day = 10 }";
    let (alice, _) = alice(limits, |_| Script::text("一二三四五").without_usage()).await;
    alice.says("一二三四五").await.sees(&labelled("一二三四五"));
    alice.says("六").await.sees(DAY_OVER);
}
