//! Answers that take longer than WeChat waits.

use std::time::Duration;

use wxbot_testkit::TestBot;
use wxbot_testkit::sim::{Kind, Repeats};

use crate::plugins::SLOW;

#[tokio::test]
async fn within_three_deliveries_the_answer_is_a_passive_reply() {
    for repeats in [Repeats::SameQuery, Repeats::FreshQuery] {
        let bot = TestBot::setup(SLOW).repeats(repeats).start().await.unwrap();
        let heard = bot.follower("alice").says("wait 12").await.sees("waited 12").by("slow");
        assert_eq!((heard.deliveries(), heard.took().as_secs()), (3, 12));
    }
}

#[tokio::test]
async fn after_them_it_comes_by_the_api() {
    let bot = TestBot::from_toml(SLOW).await.unwrap();
    let heard = bot.follower("alice").says("wait 20").await.sees_nothing().sees_nothing_later();
    bot.advance(Duration::from_secs(30)).await;
    let heard = heard.sees_later("waited 20").sees_later_contains("20").by("slow");
    assert_eq!(heard.bubbles().len(), 1);
    let sent = bot.api_calls();
    let sent = sent.iter().filter(|call| call.path == "/cgi-bin/message/custom/send");
    assert_eq!(sent.map(|call| call.errcode).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn an_account_that_may_not_send_has_its_follower_ask_for_it() {
    let bot = TestBot::setup(SLOW).kind(Kind::Personal).start().await.unwrap();
    let alice = bot.follower("alice");
    alice.says("wait 20").await.sees_contains("「1」");
    bot.advance(Duration::from_secs(30)).await;
    alice.says("1").await.sees_contains("waited 20");
}
