//! What followers see, and what is shown when that is something else.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::join_all;
use wxbot_plugin_echo::Echo;
use wxbot_testkit::sim::{Act, DeliveryFault, Element, Fault, Format, Kind, Mode, When};
use wxbot_testkit::{Heard, SetupError, TestBot};

use crate::plugins::SLOW;

const CHAIN: &str = "
[[chain]]
plugin = 'welcome'
config = { reply = '欢迎', scenes = { shop-42 = '欢迎到店' } }

[[chain]]
plugin = 'keywords'
id = 'prices'
[[chain.config.rules]]
contains = 'price'
reply = '¥99'
[[chain.config.rules]]
event = ['CLICK', 'VIEW', 'scancode_waitmsg', 'location_select']
reply = 'pressed'
[[chain.config.rules]]
full = 'card'
reply = { news = [{ title = 'One', url = 'https://example.com/1' }] }
[[chain.config.rules]]
full = 'ask'
reply = '<a href=\"weixin://bizmsgmenu?msgmenucontent=yes&msgmenuid=1\">Yes!</a> https://e.com'

[[chain]]
plugin = 'echo'
";

#[tokio::test]
async fn each_act_is_answered_in_the_chat() {
    let bot = TestBot::from_toml(CHAIN).await.unwrap();
    let alice = bot.follower("alice");
    alice.says("the price?").await.sees("¥99").sees_contains("99").by("prices");
    alice.says("hi").await.sees("hi").by("echo");
    alice.sends_image("M1").await.sees_image("M1");
    alice.sends_voice("V1").await.sees_voice("V1");
    alice.sends_video("V2").await.sees_video("V2");
    alice.sends_location(30.27, 120.15, "西湖").await.sees("西湖");
    alice.sends_link("a page", "https://example.com").await.sees("a page");
    alice.says("card").await.sees_news(&["One"]);
    alice.clicks("HELP").await.sees("pressed");
    alice.scans_for("SCAN", "https://example.com").await.sees("pressed");
    alice.picks_location("PLACE", 30.27, 120.15, "西湖").await.sees("pressed");
    alice.views("https://example.com").await.sees_nothing();
    alice.unfollows().await.sees_nothing();
    alice.follows().await.sees("欢迎").by("welcome");
    alice.follows_by_scan("shop-42").await.sees("欢迎到店").by("welcome");
    alice.scans("shop-42").await.sees_nothing();
    alice.does(Act::event("enter", vec![Element::text("EventKey", "")])).await.sees_nothing();
    bot.stranger("bob").follows().await.sees("欢迎");
}

#[tokio::test]
async fn what_the_phone_shows_can_be_tapped() {
    let bot = TestBot::from_toml(CHAIN).await.unwrap();
    let alice = bot.follower("alice");
    alice.says("ask").await.sees("Yes! https://e.com");
    alice.taps("Yes!").await.sees("yes");
    let page = AssertUnwindSafe(async { alice.taps("https://e.com").await }).catch_unwind();
    assert!(text_of(page.await).contains("opens a page"));
    let nothing = AssertUnwindSafe(async { alice.taps("No!").await }).catch_unwind();
    assert!(text_of(nothing.await).contains("has no link \"No!\""));
}

#[tokio::test]
async fn a_raw_body_comes_as_it_is() {
    let bot = TestBot::from_toml(CHAIN).await.unwrap();
    let alice = bot.follower("alice");
    let (to, from) = (bot.wechat().account().original_id.clone(), alice.openid().to_owned());
    let body = format!(
        "<xml><ToUserName>{to}</ToUserName><FromUserName>{from}</FromUserName>\
         <CreateTime>1735689600</CreateTime><MsgType>text</MsgType><Content>raw</Content>\
         <MsgId>1</MsgId></xml>"
    );
    alice.sends_raw(&body).await.sees("raw").by("echo");
}

#[tokio::test]
async fn followers_do_things_at_once() {
    let bot = TestBot::from_toml(SLOW).await.unwrap();
    let all = (1..=5).map(|n| bot.follower(&format!("f{n}")).says_owned(format!("wait {n}")));
    let heard = join_all(all).await;
    for (place, heard) in heard.into_iter().enumerate() {
        let seconds = place as u64 + 1;
        let heard = heard.sees(&format!("waited {seconds}"));
        assert_eq!(
            (heard.took().as_secs(), heard.deliveries()),
            match seconds {
                5 => (5, 2),
                seconds => (seconds, 1),
            }
        );
    }
}

/// Says a text that is made on the way.
trait SaysOwned {
    fn says_owned(&self, text: String) -> impl Future<Output = Heard> + use<Self>;
}

impl SaysOwned for wxbot_testkit::Follower {
    fn says_owned(&self, text: String) -> impl Future<Output = Heard> + use<> {
        self.does(Act::Text(text))
    }
}

#[tokio::test]
async fn accounts_of_one_bot_have_followers_of_their_own() {
    let accounts = "
[[account]]
id = 'a'
path = '/a'
token = 'tokenA'
original_id = 'gh_a'
[[account]]
id = 'b'
path = '/b'
mode = 'safe'
token = 'tokenB'
app_id = 'wx00000000000000bb'
encoding_aes_key = '${KEY}'
[[chain]]
plugin = 'keywords'
when = { account = 'b' }
config = { rules = [{ full = 'hi', reply = 'b here' }] }
[[chain]]
plugin = 'echo'
";
    let key = "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM";
    let bot = TestBot::setup(accounts).variable("KEY", key).start().await.unwrap();
    bot.follower("alice").says("hi").await.sees("hi");
    bot.follower_of("b", "alice").says("hi").await.sees("b here").by("keywords");
    let body = &bot.wechat_of("b").exchanges()[0].deliveries[0].request.body;
    assert!(String::from_utf8_lossy(body).contains("<Encrypt>"));
    bot.assert_transcript(
        "alice says \"hi\"
           echo: hi
         alice says \"hi\"
           keywords: b here"
            .replace("         ", "")
            .as_str(),
    );
}

#[tokio::test]
async fn a_wrong_configuration_says_where() {
    let error = TestBot::from_toml("[[chain]]\nplugin = 'ecko'\n").await.unwrap_err();
    assert!(format!("{error:?}").contains("bot.toml:2:10: no plugin is called `ecko`"));
    let error = TestBot::with::<Echo>("prefx = '> '").await.unwrap_err();
    assert!(error.to_string().contains("did you mean `prefix`?"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_of_several_threads_is_refused() {
    assert!(matches!(TestBot::from_toml(CHAIN).await, Err(SetupError::Runtime)));
}

#[tokio::test]
async fn metrics_and_calls_of_the_api_are_there_to_look_at() {
    let setup = TestBot::setup(SLOW).kind(Kind::VerifiedService);
    let bot = setup.start().await.unwrap();
    bot.follower("alice").says("hi").await.sees("hi");
    let replies = "wxbot_requests_total{account=\"main\",outcome=\"reply\"}";
    assert!((bot.metric(replies) - 1.0).abs() < f64::EPSILON);
    assert_eq!(bot.api_calls(), []);
    bot.fault(Fault::delivery(When::Nth(1), DeliveryFault::Refused));
    let heard = bot.follower("alice").says("again").await.sees("again");
    assert_eq!(heard.deliveries(), 2);
    bot.clear_faults();
}

/// What an assertion said that does not hold.
#[track_caller]
fn text_of<T>(caught: Result<T, Box<dyn std::any::Any + Send>>) -> String {
    let Err(panic) = caught else { panic!("the assertion holds") };
    *panic.downcast::<String>().expect("the text is formatted")
}

#[track_caller]
fn fails(heard: &Heard, assertion: impl FnOnce(Heard) -> Heard) -> String {
    let heard = AssertUnwindSafe(heard.clone());
    text_of(std::panic::catch_unwind(AssertUnwindSafe(|| assertion({ heard }.0))))
}

type Assertion = fn(Heard) -> Heard;

/// Every assertion that does not hold fails: none holds by itself.
#[tokio::test]
async fn what_is_not_seen_is_not_held_to_be() {
    let bot = TestBot::from_toml(CHAIN).await.unwrap();
    let alice = bot.follower("alice");
    let text = alice.says("hi").await;
    let silence = alice.scans("nothing").await;
    let assertions: [(&str, Assertion); 11] = [
        ("sees", |heard| heard.sees("Hi")),
        ("sees_contains", |heard| heard.sees_contains("H")),
        ("sees_image", |heard| heard.sees_image("hi")),
        ("sees_voice", |heard| heard.sees_voice("hi")),
        ("sees_video", |heard| heard.sees_video("hi")),
        ("sees_news", |heard| heard.sees_news(&[])),
        ("sees_notice", |heard| heard.sees_notice()),
        ("sees_later", |heard| heard.sees_later("hi")),
        ("sees_later_contains", |heard| heard.sees_later_contains("hi")),
        ("by", |heard| heard.by("prices")),
        ("sees_bubble", |heard| heard.sees_bubble(&wxbot_testkit::sim::Bubble::News(vec![]))),
    ];
    for (name, assertion) in assertions {
        assert!(fails(&text, assertion).contains("expected"), "{name}");
        assert!(fails(&silence, assertion).contains("expected"), "{name}");
    }
    fails(&text, Heard::sees_nothing);
    fails(&text, Heard::by_nobody);
    silence.by_nobody();
    let late = TestBot::from_toml(SLOW).await.unwrap();
    let heard = late.follower("bob").says("wait 20").await.sees_nothing().sees_nothing_later();
    late.advance(std::time::Duration::from_secs(30)).await;
    fails(&heard, Heard::sees_nothing_later);
}

#[tokio::test]
async fn a_failed_assertion_shows_everything() {
    for (mode, format) in [(Mode::Plain, Format::Xml), (Mode::Safe, Format::Json)] {
        let setup = TestBot::setup(CHAIN).mode(mode).format(format);
        let bot = setup.start().await.unwrap();
        let alice = bot.follower("alice");
        let said = fails(&alice.says("the price?").await, |heard| heard.sees("¥98"));
        for part in [
            "alice says \"the price?\": expected to see \"¥98\"",
            "what came: ¥99",
            "welcome: pass in ",
            "prices: reply (text) in ",
            "to be said: Text(\"¥99\")",
            "delivery 1 at 0.0 s",
            "POST ?signature=",
            "the price?",
            "answered with 200",
            "<Content><![CDATA[¥99]]></Content>",
            "alice's phone:",
        ] {
            assert!(said.contains(part), "{part:?} is not in\n{said}");
        }
        assert_eq!(
            said.matches("in it: ").count(),
            if mode == Mode::Safe { 2 } else { 0 },
            "{said}"
        );
    }
}

#[tokio::test]
async fn why_a_request_was_refused_is_shown() {
    let toml = format!("{CHAIN}[[account]]\ntoken = 'token123'\noriginal_id = 'gh_1'\n");
    let bot = TestBot::from_toml(&toml).await.unwrap();
    let body = "<xml><ToUserName>gh_2</ToUserName><FromUserName>o</FromUserName>\
                <MsgType>text</MsgType><Content>hi</Content></xml>";
    let heard = bot.follower("alice").sends_raw(body).await.sees_notice();
    let said = fails(&heard, |heard| heard.sees("hi"));
    assert!(said.contains("answered with 403"), "{said}");
    assert!(said.contains("refused because: "), "{said}");
    assert!(said.contains("nobody was asked"), "{said}");
}
