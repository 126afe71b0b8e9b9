//! What followers want to be reminded of, however they ask.

use std::time::Duration;

use wxbot_model_sim::{FakeModel, Script};
use wxbot_testkit::TestBot;

use crate::chat::MODEL;

const CHAIN: &str = "[[chain]]\nplugin = 'schedule'\n[[chain]]\nplugin = 'faked-chat'\n\
                     [chain.config]\nbase_url = 'http://model.test/v1'\nmodel = 'm1'\n\
                     tools = ['schedule']\n";

fn reminder(when: &str, what: &str) -> String {
    serde_json::json!({ "when": when, "what": what }).to_string()
}

/// The model takes down two for one message, and one of them once more.
#[tokio::test]
async fn one_message_may_ask_for_two_reminders() {
    MODEL.set(Some(FakeModel::new(|asked| match &*asked.results() {
        [] => Script::text("")
            .call("remind", reminder("10分钟后", "喝水"))
            .call("remind", reminder("20分钟后", "吃药"))
            .call("remind", reminder("20分钟后", "吃药")),
        results => Script::text(results.join(" | ")),
    })));
    let bot = TestBot::from_toml(CHAIN).await.expect("the bot is right");
    let alice = bot.follower("alice");
    let heard = alice.says("十分钟后喝水，二十分钟后吃药").await;
    heard.sees_contains("提醒您：喝水").sees_contains("提醒您：吃药");
    let list = "1. 1月1日 08:10 喝水\n2. 1月1日 08:20 吃药";
    alice.says("我的提醒").await.sees_contains(list);
    alice.says("取消提醒 1").await.sees("已取消：喝水");
    bot.advance(Duration::from_secs(3600)).await;
    let transcript = bot.transcript();
    assert_eq!(transcript.matches("⏰ 提醒：吃药").count(), 1, "{transcript}");
    assert_eq!(transcript.matches("⏰ 提醒：喝水").count(), 0, "{transcript}");
}
