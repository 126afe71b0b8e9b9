//! Followers on their way through a tree.

use std::time::Duration;

use wxbot_plugin_echo as _;
use wxbot_testkit::{Follower, TestBot};

use super::*;

const SHOP: &str = "
question = '想了解什么？'
choices = [
    { label = '价格', reply = '一杯 18 元' },
    { label = '门店', question = '哪个城市？', choices = [
        { label = '杭州', reply = '西湖边' },
        { label = '上海', choices = [{ label = '静安', reply = { image = 'MAP' } }] },
    ] },
]
";
const TOP: &str = "想了解什么？\n1. 价格\n2. 门店";
const CITIES: &str = "哪个城市？\n1. 杭州\n2. 上海\n3. 返回上一级";

/// The guide in front of an echo.
async fn bot(entry: &str, config: &str) -> TestBot {
    let chain = format!(
        "[[chain]]\nplugin = 'guide'\n{entry}\n[chain.config]\n{SHOP}{config}\n\
         [[chain]]\nplugin = 'echo'\n"
    );
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn alice(config: &str) -> Follower {
    bot("dialog = { links = false }", config).await.follower("alice")
}

#[tokio::test]
async fn numbers_and_labels_lead_through_the_tree() {
    let alice = alice("").await;
    alice.says("「菜单」").await.sees(TOP).by("guide");
    alice.says("2").await.sees(CITIES).by("guide");
    alice.says("上海").await.sees("上海：\n1. 静安\n2. 返回上一级");
    alice.says("１").await.sees_image("MAP").by("guide");
}

#[tokio::test]
async fn choices_stay_open_behind_an_answer() {
    let alice = alice("").await;
    alice.says("HELP").await.sees(TOP);
    alice.says("1").await.sees("一杯 18 元");
    alice.says("2").await.sees(CITIES);
    alice.says("1").await.sees("西湖边");
    alice.says("3").await.sees(TOP);
}

#[tokio::test]
async fn an_answer_may_be_the_end() {
    let alice = alice("stay = false").await;
    alice.says("菜单").await.sees(TOP);
    alice.says("1").await.sees("一杯 18 元");
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test]
async fn words_lead_back_and_out() {
    let alice = alice("").await;
    alice.says("菜单").await.sees(TOP);
    alice.says("2").await.sees(CITIES);
    for back in ["0", "「返回」", "Back"] {
        alice.says("2").await;
        alice.says(back).await.sees(CITIES);
    }
    alice.says("返回").await.sees(TOP);
    alice.says("返回").await.sees(TOP);
    alice.says("退出").await.sees("好的，已取消。").by("guide");
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test]
async fn what_the_chat_still_shows_can_be_tapped() {
    let alice = bot("", "").await.follower("alice");
    alice.says("菜单").await;
    alice.taps("价格").await.sees("一杯 18 元").by("guide");
    alice.taps("门店").await.sees_contains("杭州").by("guide");
    alice.taps("杭州").await.sees("西湖边").by("guide");
    alice.taps("价格").await.sees("一杯 18 元").by("guide");
    alice.taps("杭州").await.sees("西湖边").by("guide");
    alice.taps("返回上一级").await.sees_contains("想了解什么？").by("guide");
}

#[tokio::test]
async fn a_question_in_between_is_passed_and_nothing_is_lost() {
    let alice = alice("").await;
    alice.says("菜单").await.sees(TOP);
    alice.says("几点开门？").await.sees("几点开门？").by("echo");
    alice.sends_image("M1").await.sees_image("M1").by("echo");
    alice.says("1").await.sees("一杯 18 元");
}

#[tokio::test]
async fn a_number_that_is_no_choice_is_asked_again() {
    let alice = alice("").await;
    alice.says("菜单").await.sees(TOP);
    alice.says("7").await.sees("没有这一项，请重新选择：\n1. 价格\n2. 门店");
    alice.says("1").await.sees("一杯 18 元");
}

#[tokio::test]
async fn it_opens_anew_at_any_time_and_by_a_menu_button() {
    let alice = alice("words = ['导航']\nkeys = ['GUIDE']").await;
    alice.says("菜单").await.sees("菜单").by("echo");
    alice.clicks("GUIDE").await.sees(TOP).by("guide");
    alice.says("2").await.sees(CITIES);
    alice.says("导航").await.sees(TOP);
    alice.clicks("OTHER").await.sees_nothing();
}

#[tokio::test]
async fn it_may_open_for_new_followers() {
    let bot = bot("dialog = { links = false }", "on_follow = true").await;
    let alice = bot.stranger("alice");
    alice.follows().await.sees(TOP).by("guide");
    alice.says("1").await.sees("一杯 18 元");
}

#[tokio::test]
async fn it_is_closed_after_its_time() {
    let bot = bot("dialog = { links = false, ttl = '5m' }", "").await;
    let alice = bot.follower("alice");
    alice.says("菜单").await.sees(TOP);
    bot.advance(Duration::from_secs(300)).await;
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test]
async fn a_wrong_tree_says_what_would_be_right() {
    let table = [
        ("", "a guide needs `choices`"),
        ("choices = [{ label = 'a' }]", "`a` needs either a `reply` or `choices`"),
        ("choices = [{ label = 'a', reply = 'b', question = 'c' }]", "either a `reply` or"),
        (
            "choices = [{ label = 'a', reply = 'b' }, { label = 'A', reply = 'c' }]",
            "`a` stands twice among the choices",
        ),
        ("choices = [{ label = '「」', reply = 'b' }]", "needs a label that can be written"),
        ("choices = [{ lable = 'a', reply = 'b' }]", "did you mean `label`?"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Guide>(config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

#[tokio::test]
async fn what_is_said_may_be_a_template() {
    let config = "question = '{{ message.text }}？'
        choices = [{ label = '{{ 1 }}', reply = '{{ account.id }}：{{ message.text }}' }]
        texts = { no_such = '没有 {{ message.text }}' }";
    let chain = format!(
        "[[chain]]\nplugin = 'guide'\ndialog = {{ links = false }}\n[chain.config]\n{config}\n"
    );
    let alice = TestBot::from_toml(&chain).await.unwrap().follower("alice");
    alice.says("菜单").await.sees("菜单？\n1. {{ 1 }}");
    alice.says("7").await.sees("没有 7\n1. {{ 1 }}");
    alice.says("{{ 1 }}").await.sees("main：{{ 1 }}");
}
