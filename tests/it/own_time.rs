//! What plugins do on their own time begins when the bot serves, and ends with it.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use wxbot::config::Source;
use wxbot::rehearsal::RehearsalSetup;
use wxbot_testkit::TestBot;
use wxbot_tests::wechat::APP_ID;

const ECHO: &str = "[[chain]]\nplugin = 'echo'\n";

async fn echo(background: &str) -> TestBot {
    let chain = format!("{background}\n{ECHO}");
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"))
}

/// An instance that does this, for Alice.
fn background(deeds: &str, openid: &str) -> String {
    format!("[[chain]]\nplugin = 'background'\nconfig = {{ openid = '{openid}', {deeds} }}\n")
}

/// Of a follower of this name, in every test.
async fn openid(name: &str) -> String {
    echo("").await.follower(name).openid().to_owned()
}

#[tokio::test]
async fn an_instance_has_tasks_until_it_is_stopped() {
    let bot = echo(&background("start = 'tick', stop = 'say'", &openid("alice").await)).await;
    let alice = bot.follower("alice");
    alice.says("hi").await.sees("hi");
    bot.advance(Duration::from_secs(150)).await;
    bot.bot().finish_shutdown().await;
    bot.bot().finish_shutdown().await;
    bot.advance(Duration::from_secs(600)).await;
    bot.assert_transcript(
        r#"
        alice says "hi"
          echo: hi
        150 s later
          to alice by the API: tick
          to alice by the API: tick
        600 s later
          to alice by the API: stopped
        "#,
    );
}

#[tokio::test]
async fn what_goes_wrong_in_an_instance_harms_nobody() {
    for deed in ["task", "panic", "fail", "hang"] {
        let deeds = format!("start = '{deed}', stop = '{deed}'");
        let bot = echo(&background(&deeds, "")).await;
        bot.advance(Duration::from_secs(60)).await;
        bot.follower("alice").says("hi").await.sees("hi").by("echo");
        let began = Instant::now();
        bot.bot().finish_shutdown().await;
        let expected = if deed == "hang" { 2 } else { 0 };
        assert_eq!(began.elapsed().as_secs(), expected, "{deed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_is_only_asked_something_starts_nothing() {
    let text = format!(
        "[[account]]\ntoken = 'token123'\napp_id = '{APP_ID}'\napp_secret = '{APP_ID}'\n{}{ECHO}",
        background("start = 'say'", &openid("alice").await)
    );
    let source = Source { name: "bot.toml".into(), text };
    for (serves, expected) in [(true, 1), (false, 0)] {
        let setup = RehearsalSetup::read(&source, |_| None).unwrap();
        let setup = if serves { setup } else { setup.without_start() };
        let rehearsal = setup.start(&Handle::current()).unwrap();
        let alice = rehearsal.follower("alice");
        rehearsal.wechat().connect(rehearsal.accounts()[0].endpoint.clone());
        tokio::time::sleep(Duration::from_secs(5)).await;
        let calls = rehearsal.wechat().calls();
        let sends = calls.iter().filter(|call| call.path.ends_with("custom/send")).count();
        assert_eq!(sends, expected, "{}", alice.openid());
    }
}
