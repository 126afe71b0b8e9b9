//! Who reads what, and on which page.

use wxbot_testkit::{Follower, TestBot};

use super::*;

/// 出行
#[derive(Commands)]
enum Go {
    /// 查天气
    ///
    /// 不写哪天，就是今天。
    #[command("天气", "weather")]
    Weather {
        #[command(name = "城市")]
        _city: String,
        #[command(name = "哪天")]
        _day: Option<String>,
    },
    #[command("路况")]
    Traffic,
}

struct Travel;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Nothing {}

impl Plugin for Travel {
    const NAME: &'static str = "travel";
    const SUMMARY: &'static str = "takes commands";
    const COMMANDS: Option<&'static CommandSet> = Some(Go::SET);
    type Config = Nothing;

    fn build(_config: Nothing, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Travel {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(ctx.command::<Go>().map_or(Flow::Pass, |_| Flow::reply("travel")))
    }
}

register!(Travel);

async fn bot(chain: &str) -> TestBot {
    TestBot::from_toml(&format!("{chain}\n[[chain]]\nplugin = 'help'\n")).await.unwrap()
}

async fn alice(chain: &str) -> Follower {
    bot(chain).await.follower("alice")
}

const TRAVEL: &str = "[[chain]]\nplugin = 'travel'\n";

#[tokio::test]
async fn every_command_has_a_line() {
    let alice = alice(TRAVEL).await;
    let list = "您可以发送：\n天气 城市 [哪天] — 查天气\n路况";
    for word in ["帮助", "/帮助", "help", "／HELP", "功能"] {
        alice.says(word).await.sees(list).by("help");
    }
    alice.says("/帮组").await.sees("您是不是想发「/帮助」？");
}

#[tokio::test]
async fn a_command_is_explained_and_talk_is_not_caught() {
    let alice = alice(TRAVEL).await;
    let weather = "天气 城市 [哪天]\n查天气\n不写哪天，就是今天。\n也可以写：weather";
    alice.says("帮助 天气").await.sees(weather);
    alice.says("/help /weather").await.sees(weather);
    alice.says("帮助 我").await.sees_nothing();
    alice.says("帮助我").await.sees_nothing();
    alice.says("help me please").await.sees_nothing();
}

#[tokio::test]
async fn nobody_reads_of_what_they_can_not_use() {
    let chain = "
        [audience.staff]
        openid = 'oSTAFF*'
        [[chain]]
        plugin = 'travel'
        when = { audience = 'staff' }
        [[chain]]
        id = 'night'
        plugin = 'travel'
        enabled = false
        help = '关了的'
        [[chain]]
        id = 'late'
        plugin = 'travel'
        when = { hours = '22:00-23:00' }
        help = '发送「夜宵」点夜宵'
        [[chain]]
        id = 'prices'
        plugin = 'travel'
        when = { full = '价格' }
        help = '发送「价格」看价格'
        [[chain]]
        id = 'hidden'
        plugin = 'travel'
        when = { command = 'secret' }
        help = ''
    ";
    let alice = alice(chain).await;
    alice.says("帮助").await.sees("您可以发送：\n发送「价格」看价格");
    alice.says("帮助 天气").await.sees_nothing();
    alice.says("/帮助 天汽").await.sees_nothing();
}

#[tokio::test]
async fn a_list_that_is_long_has_pages() {
    let entry = |n: usize| {
        format!(
            "[[chain]]\nid = 'e{n}'\nplugin = 'travel'\nwhen = {{ key = 'K' }}\nhelp = '第{n}行'\n"
        )
    };
    let chain: String = (1..=5).map(entry).collect();
    let config = "[chain.config]\nlines = 2\n";
    let text = format!("{chain}[[chain]]\nplugin = 'help'\n{config}");
    let alice = TestBot::from_toml(&text).await.unwrap().follower("alice");
    let first = "您可以发送：\n第1行\n第2行\n（第 1/3 页，发送「帮助 2」看下一页）";
    alice.says("帮助").await.sees(first);
    alice.says("帮助 0").await.sees(first);
    alice.says("帮助 ２").await.sees_contains("第3行\n第4行\n（第 2/3 页，发送「帮助 3」");
    for page in ["/帮助 3", "帮助 99"] {
        alice.says(page).await.sees("您可以发送：\n第5行");
    }
}

#[tokio::test]
async fn a_page_fits_into_a_message() {
    let entry = |n: usize| {
        let line = format!("{n}{}", "长".repeat(100));
        format!(
            "[[chain]]\nid = 'e{n}'\nplugin = 'travel'\nwhen = {{ key = 'K' }}\nhelp = '{line}'\n"
        )
    };
    let alice = alice(&(1..=12).map(entry).collect::<String>()).await;
    let heard = alice.says("帮助").await;
    let text = heard.text().unwrap();
    assert!(text.len() <= 2048 && text.contains("（第 1/2 页"), "{} bytes: {text}", text.len());
}

#[tokio::test]
async fn where_there_is_nothing_it_says_so() {
    alice("").await.says("帮助").await.sees("暂时没有可以使用的功能。");
}

#[tokio::test]
async fn its_texts_can_be_changed_and_its_numbers_are_bounded() {
    let text = "[[chain]]\nplugin = 'help'\n[chain.config]\nnothing = 'nothing here'\n";
    let alice = TestBot::from_toml(text).await.unwrap().follower("alice");
    alice.says("/help").await.sees("nothing here");
    let error = TestBot::with::<Help>("lines = 0").await.unwrap_err().to_string();
    assert!(error.contains("`lines` is 0; it takes 1 to 50"), "{error}");
}

#[tokio::test]
async fn its_texts_may_be_templates() {
    let chain = format!(
        "{TRAVEL}[[chain]]\nplugin = 'help'\n[chain.config]\nlines = 1\n\
         title = '{{{{ message.text }}}}：'\nmore = '{{page}}/{{pages}}，{{{{ next }}}}'\n"
    );
    let alice = TestBot::from_toml(&chain).await.unwrap().follower("alice");
    alice.says("帮助").await.sees("帮助：\n天气 城市 [哪天] — 查天气\n1/2，2");
    alice.says("帮助 2").await.sees("帮助 2：\n路况");
    let nothing = "[[chain]]\nplugin = 'help'\nconfig = { nothing = '{{ message.text }}' }\n";
    TestBot::from_toml(nothing).await.unwrap().follower("bob").says("帮助").await.sees("帮助");
}
