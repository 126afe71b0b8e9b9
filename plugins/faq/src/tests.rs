//! What is asked, and what is answered.

use std::fs;
use std::path::Path;
use std::time::Duration;

use wxbot_plugin_echo as _;
use wxbot_testkit::TestBot;
use wxbot_testkit::sim::Act;

use super::*;

const SHOP: &str = "entries = [
    { question = '怎么退货？', also = ['能退吗'], reply = '七天内可退' },
    { question = '退货的运费谁出？', reply = '我们出' },
    { question = '几点营业？', also = ['营业时间'], reply = '九点到九点' },
    { question = '地图', reply = { image = 'MAP' } },
]
";
const SUGGESTED: &str = "您是不是想问：\n1. 怎么退货？\n2. 退货的运费谁出？\n3. 都不是";

/// The plugin in front of an echo.
async fn bot(config: &str) -> TestBot {
    let chain = format!(
        "[[chain]]\nplugin = 'faq'\ndialog = {{ links = false }}\n[chain.config]\n{config}\n\
         [[chain]]\nplugin = 'echo'\n"
    );
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"))
}

fn count(bot: &TestBot, event: &str) -> f64 {
    bot.metric(&format!("wxbot_link_events_total{{link=\"faq\",plugin=\"faq\",event=\"{event}\"}}"))
}

#[tokio::test]
async fn what_is_near_is_answered_and_what_is_not_is_passed() {
    let bot = bot(SHOP).await;
    let alice = bot.follower("alice");
    alice.says("请问怎么退货呢").await.sees("七天内可退").by("faq");
    alice.says("能退吗？").await.sees("七天内可退");
    alice.says("地图").await.sees_image("MAP");
    alice.says("讲个笑话").await.sees("讲个笑话").by("echo");
    alice.sends_image("M1").await.sees_image("M1").by("echo");
    assert_eq!((count(&bot, "answered"), count(&bot, "missed")), (3.0, 1.0));
}

#[tokio::test]
async fn a_voice_message_is_a_question_too() {
    let voice = Act::Voice {
        media_id: "V1".into(),
        format: "amr".into(),
        recognition: Some("你们几点营业？".into()),
    };
    bot(SHOP).await.follower("alice").does(voice).await.sees("九点到九点").by("faq");
}

#[tokio::test]
async fn what_is_less_near_is_asked_back() {
    let bot = bot(SHOP).await;
    let alice = bot.follower("alice");
    alice.says("退货").await.sees(SUGGESTED).by("faq");
    alice.says("2").await.sees("我们出").by("faq");
    alice.says("2").await.sees("2").by("echo");
    assert_eq!((count(&bot, "suggested"), count(&bot, "chosen")), (1.0, 1.0));
}

#[tokio::test]
async fn none_of_them_and_another_question_are_answers_too() {
    let alice = bot(SHOP).await.follower("alice");
    alice.says("退货").await.sees(SUGGESTED);
    alice.says("都不是").await.sees("抱歉，请换个说法再问一次。").by("faq");
    alice.says("退货").await.sees(SUGGESTED);
    alice.says("营业时间").await.sees("九点到九点").by("faq");
    alice.says("退货").await.sees(SUGGESTED);
    alice.says("讲个笑话").await.sees("讲个笑话").by("echo");
    alice.says("1").await.sees("1").by("echo");
}

#[tokio::test]
async fn two_that_are_as_near_are_both_suggested() {
    let two = "entries = [{ question = '会员价格', reply = 'a' }, { question = '会员权益', reply = 'b' }]";
    let alice = bot(&format!("{two}\nanswer = 0.4")).await.follower("alice");
    alice.says("会员").await.sees("您是不是想问：\n1. 会员价格\n2. 会员权益\n3. 都不是");
    alice.says("会员权益").await.sees("b");
}

#[tokio::test]
async fn where_nothing_is_near_something_may_be_said() {
    let config = format!("{SHOP}texts = {{ nothing = '这个我不知道' }}");
    bot(&config).await.follower("alice").says("讲个笑话").await.sees("这个我不知道").by("faq");
}

fn write(path: &Path, content: &str) -> String {
    fs::write(path, content).unwrap();
    format!("files = ['{}']\n", path.display())
}

#[tokio::test]
async fn a_file_that_changes_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faq.csv");
    let bot = bot(&write(&path, "几点营业？,九点\n")).await;
    let alice = bot.follower("alice");
    alice.says("几点营业").await.sees("九点");
    write(&path, "几点营业？,十点半\n");
    alice.says("几点营业").await.sees("九点");
    bot.advance(Duration::from_secs(5)).await;
    alice.says("几点营业").await.sees("十点半");
}

#[tokio::test]
async fn a_file_that_breaks_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faq.csv");
    let bot = bot(&write(&path, "几点营业？,九点\n")).await;
    let alice = bot.follower("alice");
    for broken in [Some("几点营业？\n"), None, Some(""), Some("几点营业？,\"十点\n退货？,七天\n")]
    {
        match broken {
            Some(content) => drop(write(&path, content)),
            None => fs::remove_file(&path).unwrap(),
        }
        bot.advance(Duration::from_secs(5)).await;
        alice.says("几点营业").await.sees("九点");
    }
    write(&path, "几点营业？,十点半\n");
    bot.advance(Duration::from_secs(5)).await;
    alice.says("几点营业").await.sees("十点半");
}

#[tokio::test]
async fn a_question_that_is_gone_when_it_is_chosen_was_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faq.csv");
    let bot = bot(&write(&path, "会员价格,a\n会员权益,b\n")).await;
    let alice = bot.follower("alice");
    alice.says("会员").await.sees_contains("1. 会员价格");
    write(&path, "会员权益,bb\n");
    bot.advance(Duration::from_secs(5)).await;
    alice.says("1").await.sees("抱歉，请换个说法再问一次。");
}

#[tokio::test]
async fn what_is_wrong_stops_the_start() {
    let table = [
        ("", "a faq needs `files` or `entries`"),
        ("files = ['nowhere.csv']", "`nowhere.csv`: can't be read"),
        (
            "entries = [{ question = 'q', reply = 'a' }]\nsuggest = 0.9",
            "`suggest` is more than `answer`",
        ),
        ("entries = [{ question = 'q', anser = 'a' }]", "unknown field `anser`"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Faq>(config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

#[tokio::test]
async fn what_is_said_may_be_a_template_and_what_is_asked_never_is() {
    let config = "entries = [
        { question = '{{ 7*7 }} 是多少', reply = '{{ message.text }}，{{ account.id }}' },
        { question = '{{ 7*7 }} 是什么', reply = '算式' },
    ]
    texts = { suggest = '「{{ message.text }}」？', other = '{{ message.text }}！', nothing = '{{ message.text }}？' }";
    let bot = bot(config).await;
    let alice = bot.follower("alice");
    alice.says("{{ 7*7 }} 是多少").await.sees("{{ 7*7 }} 是多少，main");
    let suggested = "「{{ 7*7 }}」？\n1. {{ 7*7 }} 是多少\n2. {{ 7*7 }} 是什么\n3. 都不是";
    alice.says("{{ 7*7 }}").await.sees(suggested);
    alice.says("3").await.sees("3！");
    alice.says("讲个笑话").await.sees("讲个笑话？").by("faq");
}
