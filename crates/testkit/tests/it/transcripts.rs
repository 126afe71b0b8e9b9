//! A bot is the same by every way to it, and a seed is one run.

use std::time::Duration;

use futures_util::future::join_all;
use wxbot_testkit::TestBot;
use wxbot_testkit::sim::{ApiFault, DeliveryFault, Fault, Format, Mode, Repeats, When};

use crate::plugins::SLOW;

const CHAIN: &str = "
[[chain]]
plugin = 'welcome'
config = { reply = '欢迎' }
[[chain]]
plugin = 'slow'
[[chain]]
plugin = 'keywords'
id = 'prices'
[[chain.config.rules]]
contains = 'price'
reply = '¥99'
[[chain.config.rules]]
full = 'two'
reply = { news = [{ title = 'One', url = 'https://example.com/1' }] }
[[chain]]
plugin = 'echo'
";

/// Everything that a follower does is answered alike, here and over HTTP.
async fn talk(bot: &TestBot) -> String {
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    alice.says("the price?").await;
    bob.says("你好 😀 <&>]]>").await;
    alice.sends_image("M1").await;
    alice.says("two").await;
    bob.says("fail").await;
    bob.says("me").await;
    bob.unfollows().await;
    bob.follows().await;
    alice.clicks("HELP").await;
    bot.transcript()
}

#[test]
fn over_http_a_bot_says_the_same() {
    let expected = "\
alice says \"the price?\"
  prices: ¥99
bob says \"你好 😀 <&>]]>\"
  echo: 你好 😀 <&>]]>
alice sends image M1
  echo: [image M1]
alice says \"two\"
  prices: [article] One https://example.com/1
bob says \"fail\"
  echo: fail
bob says \"me\"
  slow: bob
bob unfollows
  (nothing)
bob follows
  welcome: 欢迎
alice clicks \"HELP\"
  (nothing)
";
    for mode in [Mode::Plain, Mode::Compatible, Mode::Safe] {
        for format in [Format::Xml, Format::Json] {
            let setup = TestBot::setup(CHAIN).mode(mode).format(format);
            let here = setup.clone();
            let here = wxbot_testkit::run(async { talk(&here.start().await.unwrap()).await });
            assert_eq!(here, expected, "{mode} {format}");
            let there = setup.over_http();
            let there = wxbot_testkit::run(async { talk(&there.start().await.unwrap()).await });
            assert_eq!(there, expected, "{mode} {format} over HTTP");
        }
    }
}

#[test]
fn over_http_the_api_is_called_too() {
    wxbot_testkit::run(async {
        let chain = "[late]\nwindow = '100ms'\ndeliveries = 1\n[[chain]]\nplugin = 'slow'\n";
        let bot = TestBot::setup(chain).over_http().start().await.unwrap();
        let heard = bot.follower("alice").says("wait 1").await.sees_nothing();
        for _ in 0..100 {
            if !heard.bubbles().is_empty() {
                break;
            }
            bot.advance(Duration::from_millis(100)).await;
        }
        heard.sees_later("waited 1").by("slow");
    });
}

/// A run in which much goes wrong, by chance.
fn run(seed: u64, repeats: Repeats) -> String {
    let delivery = |chance, fault| Fault::delivery(When::Chance(chance), fault);
    let api = |chance, fault| Fault::api("/cgi-bin/message/*", When::Chance(chance), fault);
    let setup = TestBot::setup(SLOW)
        .seed(seed)
        .repeats(repeats)
        .fault(delivery(0.2, DeliveryFault::Lost))
        .fault(delivery(0.2, DeliveryFault::Duplicated))
        .fault(delivery(0.2, DeliveryFault::Delayed(Duration::from_millis(1700))))
        .fault(delivery(0.1, DeliveryFault::Reset))
        .fault(delivery(0.1, DeliveryFault::Refused))
        .fault(api(0.3, ApiFault::Refused))
        .fault(api(0.2, ApiFault::Errcode(-1)));
    wxbot_testkit::run(async {
        let bot = setup.start().await.expect("the configuration is right");
        let followers: Vec<_> = (0..8).map(|n| bot.follower(&format!("f{n}"))).collect();
        for text in ["hi", "wait 3", "wait 7", "wait 17", "fail", "bye"] {
            join_all(followers.iter().map(|follower| follower.says(text))).await;
            bot.advance(Duration::from_secs(20)).await;
        }
        bot.advance(Duration::from_secs(600)).await;
        bot.transcript()
    })
}

#[test]
fn a_seed_is_one_run() {
    for repeats in [Repeats::SameQuery, Repeats::FreshQuery] {
        let first = run(7, repeats);
        assert_eq!(first, run(7, repeats));
        assert_ne!(first, run(8, repeats));
        assert!(first.contains("3 deliveries") && first.contains("by the API"), "{first}");
    }
}

#[tokio::test]
async fn a_transcript_tells_of_time_and_of_what_comes_later() {
    let bot = TestBot::from_toml(SLOW).await.unwrap();
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    alice.says("wait 2").await;
    bob.says("wait 8").await;
    alice.says("wait 20").await;
    bot.advance(Duration::from_secs(20)).await;
    bot.fault(Fault::delivery(When::Always, DeliveryFault::Lost));
    bob.says("hi").await.sees_notice();
    bot.assert_transcript(
        r#"
        alice says "wait 2"
          slow: waited 2 (after 2 s)
        bob says "wait 8"
          slow: waited 8 (2 deliveries, 8 s)
        alice says "wait 20"
          (nothing) (3 deliveries, 14 s)
        20 s later
          to alice by the API: waited 20
        bob says "hi"
          (WeChat's notice: there was no answer within 5 seconds) (3 deliveries, 15 s)
        "#,
    );
}
