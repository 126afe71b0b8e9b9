//! The window: WeChat is answered in time, and the work goes on.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use wxbot::assembly;
use wxbot::config::Source;
use wxbot_core::road::{Answer, Bot, Post};
use wxbot_tests::bot::{ECHO, TestBot, account};
use wxbot_tests::http;
use wxbot_tests::plugins::open_gate;
use wxbot_tests::wechat::{Sender, text};

/// A bot on the test's own, paused clock.
fn bot(chain: &str) -> Bot {
    let text = format!("{}{chain}", account("plain"));
    let source = Source { name: "bot.toml".into(), text };
    let config = source.build(|_| None).unwrap_or_else(|error| panic!("{error}"));
    assembly::bot(config, &Handle::current())
}

async fn say(bot: &Bot, content: &str) -> Answer {
    let (sender, body) = (Sender::default(), text(content));
    let post = Post {
        query: &sender.query(),
        body: async { Ok(body.into()) },
        arrived: Instant::now(),
        now: sender.timestamp,
    };
    bot.answer(&bot.doors()[0], post).await.expect("it is WeChat's")
}

fn counted(bot: &Bot, metric: &str) -> bool {
    bot.metrics().render().expect("metrics are text").contains(metric)
}

#[tokio::test(start_paused = true)]
async fn work_that_outlasts_the_window_is_answered_with_success() {
    let bot = bot("[[chain]]\nplugin = 'trouble'\nconfig = { lasts = '60s' }\n");
    let asked = Instant::now();
    let answer = say(&bot, "wait").await;
    assert_eq!(answer.body, None);
    assert_eq!(asked.elapsed().as_millis(), 4500);
    assert!(counted(&bot, "outcome=\"late\"} 1"));
}

#[tokio::test(start_paused = true)]
async fn the_work_goes_on_behind_the_window() {
    let bot = bot("[[chain]]\nplugin = 'trouble'\nconfig = { lasts = '60s' }\n");
    say(&bot, "wait").await;
    assert!(counted(&bot, "decision=\"reply\"} 0"));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(counted(&bot, "decision=\"reply\"} 1"));
}

#[tokio::test(start_paused = true)]
async fn work_that_waits_within_the_window_is_a_passive_reply() {
    let bot = bot("[[chain]]\nplugin = 'trouble'\nconfig = { lasts = '4s' }\n");
    let body = say(&bot, "wait").await.body.expect("there is a reply");
    assert!(body.contains("waited"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_hangs_is_cut_at_its_timeout() {
    let bot = bot(&format!("[[chain]]\nplugin = 'trouble'\ntimeout = '3s'\n{ECHO}"));
    let asked = Instant::now();
    let body = say(&bot, "wait").await.body.expect("echo replies");
    assert!(body.contains("<![CDATA[wait]]>"), "{body}");
    assert_eq!(asked.elapsed().as_secs(), 3);
}

#[test]
fn the_work_goes_on_when_the_connection_is_closed() {
    let chain = "[[chain]]\nplugin = 'trouble'\nconfig = { until = 'nobody listens' }\n";
    let bot = TestBot::with_chain(chain);
    let (query, body) = (Sender::default().query(), text("wait"));
    let mut connection = http::connect(bot.endpoint).unwrap();
    let head = format!(
        "POST /wechat?{query} HTTP/1.1\r\nHost: bot\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    std::io::Write::write_all(&mut connection, format!("{head}{body}").as_bytes()).unwrap();
    let envelopes = "wxbot_envelopes_total{account=\"main\",encrypted=\"no\"";
    while bot.metric(envelopes) < 1.0 {} // it has arrived
    drop(connection);
    open_gate("nobody listens");
    let replied = "wxbot_decisions_total{link=\"trouble\",plugin=\"trouble\",decision=\"reply\"";
    let patience = std::time::Instant::now() + Duration::from_secs(20);
    while bot.metric(replied) < 1.0 {
        assert!(std::time::Instant::now() < patience, "the work was cancelled");
    }
}
