//! Commands of several entries, who may use them, and what the pages in `docs` say of both.

use std::path::Path;

use wxbot::config::Source;
use wxbot_sdk::prelude::*;
use wxbot_testkit::{Follower, TestBot};
use wxbot_tests::bot::ECHO;

#[derive(Commands)]
enum Shop {
    #[command("价格", "pride")]
    Price(#[command(name = "商品")] String),
    #[command("天气预报")]
    Forecast,
}

struct ShopPlugin;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

impl Plugin for ShopPlugin {
    const NAME: &'static str = "shop";
    const SUMMARY: &'static str = "answers two commands";
    const COMMANDS: Option<&'static CommandSet> = Some(Shop::SET);
    type Config = Nothing;

    fn build(_config: Nothing, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for ShopPlugin {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(match ctx.command() {
            None => Flow::Pass,
            Some(Err(usage)) => Flow::reply(usage),
            Some(Ok(Shop::Price(item))) => Flow::reply(format!("{item}：¥99")),
            Some(Ok(Shop::Forecast)) => Flow::reply("晴"),
        })
    }
}

register!(ShopPlugin);

async fn bot(chain: &str) -> TestBot {
    TestBot::from_toml(chain).await.unwrap_or_else(|error| panic!("{error}"))
}

const TWO: &str = "[[chain]]\nplugin = 'travel'\n[[chain]]\nplugin = 'shop'\n\
                   [[chain]]\nplugin = 'keywords'\nwhen = { command = 'prices' }\n\
                   config = { rules = [{ prefix = '/', reply = 'all prices' }] }\n";

#[tokio::test(start_paused = true)]
async fn what_another_entry_has_is_left_to_it() {
    let alice = bot(&format!("{TWO}{ECHO}")).await.follower("alice");
    alice.says("/价格 茶").await.sees("茶：¥99").by("shop");
    alice.says("/天气预报").await.sees("晴").by("shop");
    alice.says("/天气杭州").await.sees("杭州，今天：晴").by("travel");
    alice.says("/prices").await.sees("all prices").by("keywords");
}

#[tokio::test(start_paused = true)]
async fn what_is_nearly_a_command_is_answered_by_the_entry_it_is_nearest_to() {
    let alice = bot(&format!("{TWO}{ECHO}")).await.follower("alice");
    alice.says("/价各").await.sees("您是不是想发「/价格」？").by("shop");
    alice.says("/weathr").await.sees("您是不是想发「/weather」？").by("travel");
    alice.says("/wheather 杭州").await.sees("您是不是想发「/weather」？").by("travel");
    alice.says("/price").await.sees_contains("「/pride」").by("shop");
    alice.says("/reset").await.sees("/reset").by("echo");
    alice.says("价各").await.sees("价各").by("echo");
}

const STAFF: &str = "[audience.staff]\nopenid = ['oSTAFF*', 'oBOSS']\n";

/// Somebody who is not of the staff.
async fn stranger(chain: &str) -> Follower {
    bot(&format!("{STAFF}{chain}{ECHO}")).await.follower("alice")
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_of_the_audience_passes_by_or_is_told_so() {
    let silent = "[[chain]]\nplugin = 'shop'\nwhen = { audience = 'staff' }\n";
    let told = format!("{silent}refusal = '仅限员工'\n");
    let alice = stranger(silent).await;
    alice.says("/价格 茶").await.sees("/价格 茶").by("echo");
    alice.says("/价各").await.sees("/价各").by("echo");
    let alice = stranger(&told).await;
    alice.says("/价格 茶").await.sees("仅限员工").by("shop");
    alice.says("价格").await.sees("仅限员工").by("shop");
    alice.says("茶 价格 多少").await.sees("茶 价格 多少").by("echo");
    alice.clicks("HELP").await.sees_nothing();
    let words = "[[chain]]\nplugin = 'keywords'\nrefusal = '仅限员工'\n\
                 when = { audience = 'staff', full = '日报' }\n\
                 config = { rules = [{ contains = '日', reply = '一切正常' }] }\n";
    let alice = stranger(words).await;
    alice.says("日报").await.sees("仅限员工").by("keywords");
    alice.says("今日").await.sees("今日").by("echo");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_of_the_audience_is_answered() {
    for refusal in ["", "refusal = '仅限员工'\n"] {
        let chain = "[[chain]]\nplugin = 'shop'\nwhen = { audience = 'everybody' }\n";
        let everybody = "[audience.everybody]\nopenid = '*'\n";
        let bot = bot(&format!("{everybody}{chain}{refusal}{ECHO}")).await;
        bot.follower("alice").says("/价格 茶").await.sees("茶：¥99").by("shop");
    }
}

fn page(language: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root");
    let path = root.join("docs").join(language).join("commands.md");
    std::fs::read_to_string(path).expect("the page is there")
}

/// The code blocks of a kind.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let begun = page.split(&fence).skip(1);
    begun.map(|text| text.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_conversation_on_the_pages_is_one() {
    let source = include_str!("../src/travel.rs");
    let (_, shown) = source.split_once("\n\n").expect("its first line says what it is");
    for language in ["en", "zh"] {
        let page = page(language);
        assert_eq!(blocks(&page, "rust"), [shown], "docs/{language}: tests/src/travel.rs");
        let bot = bot(&blocks(&page, "toml")[0]).await;
        let transcript = &blocks(&page, "transcript")[0];
        let alice = bot.follower("alice");
        for said in transcript.lines().filter_map(|line| line.strip_prefix("alice says ")) {
            alice.says(said.trim_matches('"')).await;
        }
        let came = bot.transcript();
        let came: Vec<_> = came.lines().map(str::trim_end).collect();
        assert_eq!(came.join("\n") + "\n", *transcript, "docs/{language}");
    }
}

#[test]
fn every_configuration_on_the_pages_is_good() {
    for language in ["en", "zh"] {
        let blocks = blocks(&page(language), "toml");
        assert_eq!(blocks.len(), 3, "{language}");
        for block in blocks {
            let text = format!("[[account]]\ntoken = 'token123'\n{block}");
            let source = Source { name: "commands.md".into(), text };
            source.build(|_| None).map(drop).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
