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
async fn what_the_api_does_not_count_is_estimated() {
    let limits = "prompt = ''\nlimits = { tokens_per_day = 10 }";
    let (alice, _) = alice(limits, |_| Script::text("一二三四五").without_usage()).await;
    alice.says("一二三四五").await.sees(&labelled("一二三四五"));
    alice.says("六").await.sees(DAY_OVER);
}
