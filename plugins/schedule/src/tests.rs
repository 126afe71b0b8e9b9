//! What is sent when, to whom, and what followers are reminded of.

use std::time::Duration;

use wxbot_plugin_echo as _;
use wxbot_testkit::sim::Kind;
use wxbot_testkit::{SetupError, TestBot};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The plugin in front of an echo.
async fn try_bot(config: &str) -> Result<TestBot, SetupError> {
    TestBot::from_toml(&toml(config)).await
}

fn toml(config: &str) -> String {
    format!(
        "[audience.staff]\nopenid = ['oSTAFF1', 'oSTAFF2']\n[audience.vague]\nopenid = 'o*'\n\
         [audience.tagged]\ntag = 'vip'\n\
         [[chain]]\nplugin = 'schedule'\n[chain.config]\n{config}\n[[chain]]\nplugin = 'echo'\n"
    )
}

async fn bot(config: &str) -> TestBot {
    try_bot(config).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn wait(bot: &TestBot, seconds: u64) {
    bot.advance(Duration::from_secs(seconds)).await;
}

async fn openid(name: &str) -> String {
    bot("").await.follower(name).openid().to_owned()
}

/// What the plugin counted.
fn count(bot: &TestBot, event: &str) -> f64 {
    bot.metric(&format!(
        "wxbot_link_events_total{{link=\"schedule\",plugin=\"schedule\",event=\"{event}\"}}"
    ))
}

/// It is 8:00 on a Wednesday in Beijing.
#[tokio::test]
async fn an_entry_is_sent_at_its_time_to_whom_it_reaches() {
    let alice = openid("alice").await;
    let send = format!("{{ to = ['{alice}', 'oNOBODY'], text = '早上好' }}");
    let bot = bot(&format!("entries = [{{ cron = '0 9 * * 1-5', send = {send} }}]")).await;
    bot.follower("alice").says("hi").await.sees("hi");
    wait(&bot, HOUR + 5).await;
    assert_eq!((count(&bot, "sent"), count(&bot, "unreachable")), (1.0, 1.0));
    bot.assert_transcript(
        r#"
        alice says "hi"
          echo: hi
        3605 s later
          to alice by the API: 早上好
        "#,
    );
    wait(&bot, 24 * HOUR).await;
    assert_eq!(count(&bot, "sent"), 2.0);
    wait(&bot, 72 * HOUR).await;
    assert_eq!(count(&bot, "sent"), 2.0, "48 hours of silence, and a weekend");
    assert_eq!(count(&bot, "unreachable"), 4.0);
}

#[tokio::test]
async fn a_time_is_meant_where_the_entry_says() {
    let entry = |zone| {
        format!(
            "entries = [{{ cron = '30 0 * * *', zone = '{zone}', send = {{ to = ['oX'], text = 'x' }} }}]"
        )
    };
    for (zone, hours) in [("UTC", 0.5), ("+08:00", 16.5), ("-01:00", 1.5)] {
        let bot = bot(&entry(zone)).await;
        let seconds = (hours * HOUR as f64) as u64;
        wait(&bot, seconds - 60).await;
        assert!(!bot.bot().render_metrics().unwrap().contains("unreachable"), "{zone}");
        wait(&bot, 120).await;
        assert_eq!(count(&bot, "unreachable"), 1.0, "{zone}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_entry_is_said() {
    let entry = |keys: &str, send: &str| format!("entries = [{{ {keys}, send = {{ {send} }} }}]");
    let cron = "cron = '0 9 * * *'";
    let good = "to = ['oX'], text = 'x'";
    let table = [
        (entry("cron = '0 25 * * *'", good), "`0 25 * * *` is not a cron expression"),
        (entry("cron = '0 9 30 2 *'", good), "`0 9 30 2 *` never comes"),
        (entry("cron = '0 9 * * *', zone = 'Asia/Shanghai'", good), "write `+08:00`"),
        (entry(cron, "text = 'x'"), "entry `1` is sent to nobody"),
        (entry(cron, "to = ['oX'], text = ' '"), "entry `1` has no `text`"),
        (entry(cron, &format!("to = ['oX'], text = '{}'", "x".repeat(9801))), "has 9801 bytes"),
        (entry(cron, "audience = 'boss', text = 'x'"), "boss"),
        (entry(cron, "audience = 'vague', text = 'x'"), "`[audience.vague]` has patterns"),
        (
            entry(cron, "audience = 'tagged', text = 'x'"),
            "`[audience.tagged]` has patterns or tags",
        ),
        (entry("cron = '0 9 * * *', missed = 'twice'", good), "`skip`"),
    ];
    for (config, expected) in table {
        let error = try_bot(&config).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
    let bot = bot(&entry(cron, "audience = 'staff', to = ['oSTAFF1'], text = 'x'")).await;
    wait(&bot, HOUR + 5).await;
    assert_eq!(count(&bot, "unreachable"), 2.0, "each once");
}

#[tokio::test]
async fn a_follower_is_reminded_once_and_may_cancel() {
    let bot = bot("").await;
    let alice = bot.follower("alice");
    let added = "好的，1月1日 08:30 提醒您：喝水 💧";
    alice.says("提醒我 30分钟后 喝水 💧").await.sees(added).by("schedule");
    alice.says("/remind 18:30 下班").await.sees("好的，1月1日 18:30 提醒您：下班");
    alice.says("提醒我 明天 开会").await.sees("好的，1月2日 09:00 提醒您：开会");
    alice.says("我的提醒").await.sees(
        "您的提醒（发送「取消提醒 1」可以取消第一个）：\n1. 1月1日 08:30 喝水 💧\n\
         2. 1月1日 18:30 下班\n3. 1月2日 09:00 开会",
    );
    bot.follower("bob").says("我的提醒").await.sees_contains("您没有提醒");
    alice.says("取消提醒 2").await.sees("已取消：下班");
    alice.says("取消提醒 3").await.sees_contains("没有这个提醒");
    alice.says("取消提醒 0").await.sees_contains("没有这个提醒");
    wait(&bot, HOUR).await;
    alice.says("我的提醒").await.sees_contains("1. 1月2日 09:00 开会");
    wait(&bot, 30 * HOUR).await;
    assert_eq!(count(&bot, "reminded"), 2.0);
    let transcript = bot.transcript();
    assert_eq!(transcript.matches("to alice by the API: ⏰ 提醒：").count(), 2, "{transcript}");
    alice.says("我的提醒").await.sees_contains("您没有提醒");
}

#[tokio::test]
async fn reminders_are_bounded_and_within_what_wechat_allows() {
    let bot = bot("most = 2").await;
    let alice = bot.follower("alice");
    alice.says("提醒我 48小时后 x").await.sees_contains("只能提醒 47 小时以内的事");
    alice.says("提醒我 昨天 x").await.sees("这个时间已经过去了。");
    for _ in 0..2 {
        alice.says("提醒我 1小时后 x").await.sees_contains("好的");
    }
    alice.says("提醒我 1小时后 x").await.sees("您已经有 2 个提醒了，请先取消一个。");
    bot.follower("bob").says("提醒我 1小时后 x").await.sees_contains("好的");
    alice.says("取消提醒 1").await.sees("已取消：x");
    alice.says("提醒我 1小时后 y").await.sees_contains("好的");
}

/// Nothing is promised that can't be kept.
#[tokio::test]
async fn an_account_that_can_not_send_says_so_at_once() {
    const UNABLE: &str = "这个公众号不能主动发消息，到点提醒不了您。";
    let token = "[[account]]\nid = 'main'\ntoken = 'token123'\n";
    let without_secret = TestBot::from_toml(&format!("{token}{}", toml(""))).await.unwrap();
    let off = format!("[late]\ncustomer_service = false\n{}", toml(""));
    let off = TestBot::from_toml(&off).await.unwrap();
    let unverified = TestBot::setup(&toml("")).kind(Kind::Personal).start().await.unwrap();
    let verified = TestBot::setup(&toml("")).kind(Kind::VerifiedSubscription);
    for bot in [without_secret, off, unverified] {
        let alice = bot.follower("alice");
        alice.says("提醒我 30分钟后 喝水").await.sees(UNABLE);
        alice.says("提醒我 30分钟后 喝水").await.sees(UNABLE);
        alice.says("我的提醒").await.sees_contains("您没有提醒");
    }
    let bot = verified.start().await.unwrap();
    bot.follower("alice").says("提醒我 30分钟后 喝水").await.sees_contains("好的");
    let bot = TestBot::setup(&toml("texts = { unable = '不行' }")).kind(Kind::Personal);
    let bot = bot.start().await.unwrap();
    bot.follower("alice").says("提醒我 30分钟后 喝水").await.sees("不行");
}

#[tokio::test]
async fn a_reminder_is_asked_for_as_people_talk() {
    let bot = bot("").await;
    let alice = bot.follower("alice");
    let table = [
        ("提醒我30分钟后喝水", "好的，1月1日 08:30 提醒您：喝水"),
        ("提醒我明天9点喝水", "好的，1月2日 09:00 提醒您：喝水"),
        ("半小时后提醒我喝水", "好的，1月1日 08:30 提醒您：喝水"),
        ("提醒我 今晚8点 看电影", "好的，1月1日 20:00 提醒您：看电影"),
        ("提醒我 明天 早上9点 开会", "好的，1月2日 09:00 提醒您：开会"),
        ("提醒 下午３点半 开会", "好的，1月1日 15:30 提醒您：开会"),
        ("提醒我今天七点起床", "这个时间已经过去了。"),
    ];
    for (text, expected) in table {
        alice.says(text).await.sees(expected).by("schedule");
    }
    for text in ["提醒我喝水", "提醒我25点喝水", "提醒我每天9点吃药"] {
        alice.says(text).await.sees_contains("没看懂「").sees_contains("用法：提醒我");
    }
    alice.says("提醒我明天").await.sees_contains("还缺少：什么事");
    alice.says("明天提醒我们开会").await.by("echo");
}

#[tokio::test]
async fn what_is_not_understood_may_have_a_text_of_its_own_or_none() {
    let alice = bot("texts = { usage = '请写时间' }").await.follower("alice");
    alice.says("提醒我喝水").await.sees("请写时间").by("schedule");
    let alice = bot("texts = { usage = '' }").await.follower("alice");
    alice.says("提醒我喝水").await.sees("提醒我喝水").by("echo");
}

#[tokio::test]
async fn texts_may_be_templates() {
    let alice = openid("alice").await;
    let send = format!(
        "{{ to = ['{alice}'], text = '{{{{ time.format(\"%m-%d\") }}}} {{{{ account.id }}}} 早' }}"
    );
    let texts = "{ added = '{{ what | upper }} {time}', reminder = '{{ time.hour }}: {what}' }";
    let config = format!("texts = {texts}\nentries = [{{ cron = '0 9 * * *', send = {send} }}]");
    let bot = bot(&config).await;
    let alice = bot.follower("alice");
    alice.says("提醒我30分钟后 tea {{ 1 }}").await.sees("TEA {{ 1 }} 1月1日 08:30");
    wait(&bot, HOUR + 5).await;
    let transcript = bot.transcript();
    for text in ["API: 8: tea {{ 1 }}", "API: 01-01 main 早"] {
        assert!(transcript.contains(text), "{transcript}");
    }
    for (config, expected) in [
        ("texts = { reminder = '{{ message.text }}' }", "message"),
        ("texts = { added = '{{ whta }}' }", "what"),
        ("entries = [{ cron = '0 9 * * *', send = { to = ['oX'], text = '{{ x' } }]", "{{ x"),
    ] {
        let error = try_bot(config).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

#[tokio::test]
async fn people_talk_in_these_words_too_and_it_can_be_turned_off() {
    let alice = bot("").await.follower("alice");
    alice.says("提醒我们一下").await.sees("提醒我们一下").by("echo");
    alice.says("提醒我").await.sees_contains("用法：");
    alice.says("/提醒我 等会儿 喝水").await.sees_contains("30分钟后");
    let bob = bot("reminders = false").await.follower("bob");
    bob.says("提醒我 1小时后 x").await.sees_contains("提醒我").by("echo");
}
