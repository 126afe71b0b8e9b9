//! Followers between the bot and humans.

use std::time::Duration;

use wxbot_plugin_echo as _;
use wxbot_plugin_keywords as _;
use wxbot_testkit::sim::{Act, Bubble, Kind};
use wxbot_testkit::{Follower, Heard, TestBot};

use super::*;

const TOLD: &str = "正在为您转接人工客服，请稍候。发送「机器人」可以返回。";
const KF: &str = "lin@demo_acct";

/// The plugin in front of an echo, which answers what does not begin with a question mark.
async fn bot(config: &str) -> TestBot {
    let bot = setup(config).start().await;
    bot.unwrap_or_else(|error| panic!("{error}"))
}

fn setup(config: &str) -> wxbot_testkit::Setup {
    TestBot::setup(&format!(
        "[[chain]]\nplugin = 'transfer'\n[chain.config]\n{config}\n\
         [[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\nkey = 'HUMAN'\n\
         reply = {{ transfer = '' }}\n[[chain.config.rules]]\nfull = '投诉'\n\
         reply = {{ transfer = '' }}\n[[chain.config.rules]]\nfull = '坏了'\n\
         reply = '抱歉，我现在回答不了，请稍后再试。'\n\
         [[chain]]\nplugin = 'echo'\nwhen = {{ regex = '^[^?]' }}\n"
    ))
}

fn count(bot: &TestBot, event: &str) -> f64 {
    let labels = format!("link=\"transfer\",plugin=\"transfer\",event=\"{event}\"");
    bot.metric(&format!("wxbot_link_events_total{{{labels}}}"))
}

#[track_caller]
fn is_handed_over(heard: Heard) -> Heard {
    heard.sees_bubble(&Bubble::Transfer { kf_account: None })
}

/// What customer service does with a follower.
async fn event(bot: &TestBot, who: &Follower, name: &str) {
    let (to, from) = (&bot.wechat().account().original_id, who.openid());
    let now = bot.wechat().clock().now_ms() / 1000;
    let event = format!(
        "<xml><ToUserName>{to}</ToUserName><FromUserName>{from}</FromUserName>\
         <CreateTime>{now}</CreateTime><MsgType>event</MsgType><Event>{name}</Event>\
         <KfAccount>{KF}</KfAccount><FromKfAccount>wang@demo_acct</FromKfAccount>\
         <ToKfAccount>{KF}</ToKfAccount></xml>"
    );
    who.does(Act::Raw(event)).await.sees_nothing();
}

#[tokio::test]
async fn a_word_hands_over_and_the_follower_is_told() {
    let bot = bot("phrases = ['退款']").await;
    let alice = bot.follower("alice");
    alice.says("你好").await.sees("你好");
    is_handed_over(alice.says(" 「人工」").await.sees_later(TOLD)).by("transfer");
    let bob = bot.follower("bob");
    is_handed_over(bob.says("我要退款！").await);
    bot.follower("carol").says("人工智能是什么").await.sees("人工智能是什么").by("echo");
    assert_eq!(count(&bot, "transferred"), 2.0);
}

#[tokio::test]
async fn an_account_that_may_send_nothing_hands_over_all_the_same() {
    let bot = setup("").kind(Kind::Personal).start().await.unwrap();
    is_handed_over(bot.follower("alice").says("人工").await.sees_nothing_later());
}

#[tokio::test]
async fn the_bot_is_silent_while_a_human_has_the_follower() {
    let bot = bot("").await;
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    is_handed_over(alice.says("人工").await);
    is_handed_over(alice.says("在吗").await.sees_nothing_later());
    event(&bot, &alice, "kf_create_session").await;
    alice.says("我的订单呢").await.sees_nothing();
    alice.sends_image("M1").await.sees_nothing();
    bob.says("你好").await.sees("你好");
    event(&bot, &alice, "kf_switch_session").await;
    alice.says("还在吗").await.sees_nothing();
    event(&bot, &alice, "kf_close_session").await;
    alice.says("你好").await.sees("你好").by("echo");
}

#[tokio::test]
async fn a_session_that_a_human_began_counts_too() {
    let bot = bot("").await;
    let alice = bot.follower("alice");
    event(&bot, &alice, "kf_create_session").await;
    alice.says("你好").await.sees_nothing();
}

#[tokio::test]
async fn a_word_brings_the_bot_back_and_ends_the_session() {
    let bot = bot("").await;
    bot.wechat().set_online_kf([KF]);
    let alice = bot.follower("alice");
    is_handed_over(alice.says("人工").await);
    alice.says("机器人").await.sees("好的，机器人继续为您服务。").by("transfer");
    alice.says("你好").await.sees("你好");
    event(&bot, &alice, "kf_create_session").await;
    alice.says("机器人").await.sees("好的，机器人继续为您服务。");
    alice.says("你好").await.sees("你好");
    let calls = bot.api_calls();
    let closed = calls.iter().find(|call| call.path == "/customservice/kfsession/close");
    let closed = closed.expect("the session is closed at WeChat, too");
    assert!(closed.body.contains(KF) && closed.errcode == 0, "{closed:?}");
    alice.says("机器人").await.sees("机器人").by("echo");
}

#[tokio::test]
async fn time_brings_the_bot_back() {
    let bot = bot("wait = '5m'\nsilence = '1h'").await;
    let alice = bot.follower("alice");
    is_handed_over(alice.says("人工").await);
    bot.advance(Duration::from_secs(299)).await;
    is_handed_over(alice.says("在吗").await);
    bot.advance(Duration::from_secs(1)).await;
    alice.says("在吗").await.sees("在吗");
    event(&bot, &alice, "kf_create_session").await;
    bot.advance(Duration::from_secs(3000)).await;
    alice.says("还在").await.sees_nothing();
    bot.advance(Duration::from_secs(3599)).await;
    alice.says("还在").await.sees_nothing();
    bot.advance(Duration::from_secs(3600)).await;
    alice.says("你好").await.sees("你好");
}

#[tokio::test]
async fn out_of_hours_that_is_said() {
    let bot = bot("hours = ['09:00-12:00', '13:30-18:00']").await;
    let alice = bot.follower("alice");
    let closed = "人工客服的服务时间是 09:00-12:00、13:30-18:00，请到时再联系我们，或者继续问我。";
    // It is eight in the morning in Beijing.
    alice.says("人工").await.sees(closed).by("transfer");
    alice.says("你好").await.sees("你好");
    alice.says("投诉").await.sees(closed);
    bot.advance(Duration::from_secs(3600)).await;
    is_handed_over(alice.says("人工").await);
    assert_eq!(count(&bot, "closed"), 2.0);
}

#[tokio::test]
async fn where_nobody_is_online_nobody_is_waited_for() {
    let bot = bot("check_online = true").await;
    let alice = bot.follower("alice");
    alice.says("人工").await.sees("抱歉，现在没有客服在线，请稍后再试，或者继续问我。");
    alice.says("你好").await.sees("你好");
    bot.wechat().set_online_kf([KF]);
    is_handed_over(alice.says("人工").await);
}

#[tokio::test]
async fn an_api_that_does_not_tell_who_is_online_keeps_nobody_away() {
    let bot = setup("check_online = true").kind(Kind::Personal).start().await.unwrap();
    is_handed_over(bot.follower("alice").says("人工").await);
}

#[tokio::test]
async fn a_transfer_of_another_link_counts_too() {
    let bot = bot("").await;
    let alice = bot.follower("alice");
    is_handed_over(alice.says("投诉").await).by("keywords").sees_later(TOLD);
    is_handed_over(alice.says("在吗").await).by("transfer");
}

#[tokio::test]
async fn messages_without_an_answer_hand_over() {
    let bot = bot("failures = 2").await;
    let alice = bot.follower("alice");
    alice.says("?").await.sees_nothing();
    alice.says("你好").await.sees("你好");
    alice.says("?").await.sees_nothing();
    alice.says("??").await.sees_nothing();
    is_handed_over(alice.says("???").await).by("transfer");
}

#[tokio::test]
async fn answers_that_are_none_hand_over_at_once() {
    let bot = bot("failures = 2").await;
    let alice = bot.follower("alice");
    alice.says("坏了").await.sees_contains("回答不了");
    is_handed_over(alice.says("坏了").await);
}

#[tokio::test]
async fn a_certain_human_may_be_meant() {
    let alice = bot(&format!("kf_account = '{KF}'")).await.follower("alice");
    let transfer = Bubble::Transfer { kf_account: Some(KF.into()) };
    alice.says("人工").await.sees_bubble(&transfer);
}

#[tokio::test]
async fn wrong_hours_stop_the_start() {
    let error = TestBot::with::<Transfer>("hours = '9-18'").await.unwrap_err().to_string();
    assert!(error.contains("`9-18` is not a part of the day"), "{error}");
}

#[tokio::test]
async fn what_is_said_may_be_a_template() {
    let config = "back = ['回来']\nhours = ['09:00-12:00']\n[chain.config.texts]
        closed = '{{ time.hour }} 点没有人，{hours}，{{ hours }}'
        transferring = '{{ message.text }}，请稍候'
        back = '「{{ message.text }}」，好的'";
    let bot = bot(config).await;
    let alice = bot.follower("alice");
    alice.says("人工").await.sees("8 点没有人，09:00-12:00，09:00-12:00");
    bot.advance(Duration::from_secs(3600)).await;
    is_handed_over(alice.says("人工").await.sees_later("人工，请稍候"));
    alice.says("回来").await.sees("「回来」，好的");
}

/// Whatever WeChat makes of a transfer in answer to a click, what is written next is for the human.
#[tokio::test]
async fn a_menu_button_hands_over_too() {
    let bot = bot("hours = '00:00-24:00'").await;
    let alice = bot.follower("alice");
    is_handed_over(alice.clicks("HUMAN").await.sees_later(TOLD)).by("keywords");
    is_handed_over(alice.says("我的订单没到").await).by("transfer");
    alice.says("机器人").await.sees("好的，机器人继续为您服务。");

    let bot = self::bot("hours = '10:00-18:00'").await;
    bot.follower("bob").clicks("HUMAN").await.sees_contains("10:00-18:00");
}
