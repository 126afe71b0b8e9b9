//! Tools that the model calls: commands of other entries.

use std::sync::Mutex;
use std::time::Duration;

use wxbot_sdk::command::Date;
use wxbot_testkit::sim::Bubble;

use super::*;

/// 门店
#[derive(Commands)]
#[commands(slash = "required")]
enum Shop {
    /// 查一个城市的天气
    #[command("天气", "weather")]
    Weather {
        /// 城市
        city: String,
        /// 哪天
        day: Option<Date>,
    },
    /// 加入购物车
    #[command("加", "add")]
    Add {
        /// 商品
        item: String,
        /// 数量
        count: u32,
    },
    /// 一张地图
    #[command("地图")]
    Map,
    /// 转人工
    Human,
    /// 出错
    Fail,
    /// 想很久
    Hang,
    /// 什么也不说
    Quiet,
    /// 问一句
    Ask,
}

struct ShopPlugin(Mutex<Vec<String>>);

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ShopConfig {}

impl Plugin for ShopPlugin {
    const NAME: &'static str = "shop";
    const SUMMARY: &'static str = "has commands";
    const COMMANDS: Option<&'static CommandSet> = Some(Shop::SET);
    const DIALOGS: Option<Dialogs> = Some(Dialogs::DEFAULT);
    type Config = ShopConfig;

    fn build(_config: ShopConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self(Mutex::default()))
    }
}

#[async_trait]
impl Handler for ShopPlugin {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(command) = ctx.command::<Shop>() else { return Ok(Flow::Pass) };
        Ok(match command {
            Err(usage) => Flow::reply(usage),
            Ok(Shop::Weather { city, day }) => Flow::reply(format!(
                "{city}{}：晴",
                day.map(|day| day.to_string()).unwrap_or_default()
            )),
            Ok(Shop::Add { item, count }) => {
                let mut cart = self.0.lock().unwrap();
                cart.push(format!("{item}×{count}"));
                Flow::reply(cart.join("、"))
            }
            Ok(Shop::Map) => Flow::Reply(Reply::image("MAP")),
            Ok(Shop::Human) => Flow::Reply(Reply::Transfer { kf_account: None }),
            Ok(Shop::Fail) => return Err("the database password is hunter2".into()),
            Ok(Shop::Hang) => std::future::pending().await,
            Ok(Shop::Quiet) => {
                ctx.later("请等一下");
                Flow::Stop
            }
            Ok(Shop::Ask) => return ctx.ask((), "哪一个？"),
        })
    }
}

register!(ShopPlugin);

const SHOP: &str = "[[chain]]\nplugin = 'shop'\n";
const TOOLS: &str = "prompt = ''\ntools = ['shop']\n";

/// The model calls these tools at first, and then says what they said.
fn calling(script: Script) -> impl Fn(&Received) -> Script {
    move |asked| match &*asked.results() {
        [] => script.clone(),
        results => Script::text(results.join(" | ")),
    }
}

async fn check(script: Script, expected: &str, why: &str) {
    for config in [TOOLS.to_owned(), format!("{TOOLS}stream = false\n")] {
        let (bot, _) = chain(SHOP, &config, calling(script.clone())).await;
        let alice = bot.follower("alice");
        alice.says("在吗").await;
        bot.advance(Duration::from_secs(60)).await;
        let phone = alice.phone();
        let seen: Vec<_> = phone.iter().filter_map(|shown| shown.bubble()?.as_text()).collect();
        assert_eq!(seen, [labelled(expected)], "{why}, {config}");
    }
}

fn weather(city: &str) -> String {
    format!("{{\"city\": \"{city}\"}}")
}

#[tokio::test]
async fn the_model_is_told_the_commands_of_an_entry() {
    let (bot, model) = chain(SHOP, TOOLS, |_| Script::text("好")).await;
    bot.follower("alice").says("在吗").await.sees(&labelled("好"));
    let asked = &model.received()[0];
    let names =
        ["weather", "add", "shop_3", "human", "fail", "hang", "quiet", "ask"].map(str::to_owned);
    assert_eq!(asked.tools(), names);
    let function = &asked.body["tools"][0]["function"];
    assert_eq!(function["description"], "查一个城市的天气\n门店\n/天气 城市 [哪天]");
    let parameters = serde_json::json!({
        "type": "object",
        "properties": {
            "city": { "type": "string", "description": "城市" },
            "day": { "type": "string", "description": "哪天 (2025-03-05)" },
        },
        "required": ["city"],
    });
    assert_eq!(function["parameters"], parameters);
}

#[tokio::test]
async fn what_it_calls_is_done_and_told() {
    let two =
        Script::text("我看看").call("weather", weather("杭州")).call("weather", weather("上海"));
    check(two.clone(), "杭州：晴 | 上海：晴", "two at once").await;
    check(two.without_index(), "杭州：晴 | 上海：晴", "without an index").await;
    let dated = Script::silent().call("weather", r#"{"city":"New York","day":"2025-03-05","x":1}"#);
    check(dated, "New York2025-03-05：晴", "a name of two words, and more than was asked").await;
    let number = Script::silent().call("add", r#"{"item":7,"count":"2"}"#);
    check(number, "7×2", "a number as a text, and a text as a number").await;
    let injected = Script::silent().call("weather", weather("杭州 明天\\n/加 茶 9"));
    check(injected, "杭州 明天\n/加 茶 9：晴", "a command in an argument").await;
}

#[tokio::test]
async fn what_goes_wrong_is_told_the_model() {
    let table = [
        (
            "whether",
            "{}",
            "error: there is no such tool; there are: weather, add, shop_3, human, fail, hang, quiet, ask",
        ),
        (
            "weather",
            "{\"city\": ",
            "error: the arguments are no JSON object: EOF while parsing a value at line 1 column 9",
        ),
        (
            "weather",
            "[1]",
            "error: the arguments are no JSON object: invalid type: sequence, expected a map at line 1 column 0",
        ),
        ("weather", "", "error: city is missing"),
        (
            "add",
            "{\"item\":\"茶\",\"count\":\"多\"}",
            "没看懂「多」（这里写数量），请写成 3 这样。\n用法：/加 商品 数量\n加入购物车",
        ),
        ("fail", "{}", "error: it failed"),
        ("hang", "{}", "error: it took too long"),
        ("ask", "{}", "error: it failed"),
        ("quiet", "{}", "done, without a word"),
    ];
    for (name, arguments, expected) in table {
        check(Script::silent().call(name, arguments), expected, name).await;
    }
}

#[tokio::test]
async fn the_conversation_with_tools_is_as_apis_want_it() {
    let script =
        Script::text("我看看").reasoning("嗯").call("weather", "{\"city").call("shop_3", "");
    let (bot, model) = chain(SHOP, TOOLS, calling(script)).await;
    bot.follower("alice").says("在吗").await;
    let received = model.received();
    let expected = serde_json::json!([
        { "role": "user", "content": "在吗" },
        {
            "role": "assistant",
            "content": "我看看",
            "reasoning_content": "嗯",
            "tool_calls": [
                { "id": "call-0", "type": "function",
                  "function": { "name": "weather", "arguments": "{}" } },
                { "id": "call-1", "type": "function",
                  "function": { "name": "shop_3", "arguments": "{}" } },
            ],
        },
        { "role": "tool", "tool_call_id": "call-0", "content":
          "error: the arguments are no JSON object: EOF while parsing a string at line 1 column 6" },
        { "role": "tool", "tool_call_id": "call-1", "content":
          "the follower gets this (image) below your answer" },
    ]);
    assert_eq!(received[1].body["messages"], expected);
}

#[tokio::test]
async fn only_question_and_answer_are_remembered() {
    let (bot, model) =
        chain(SHOP, TOOLS, calling(Script::silent().call("weather", weather("杭州")))).await;
    let alice = bot.follower("alice");
    alice.says("天气？").await.sees(&labelled("杭州：晴"));
    alice.says("明天呢？").await;
    let messages = model.received()[2].messages();
    let expected = [("user", "天气？"), ("assistant", "杭州：晴"), ("user", "明天呢？")];
    assert_eq!(messages, expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn what_has_no_words_goes_to_the_follower() {
    let (bot, _) = chain(SHOP, TOOLS, calling(Script::silent().call("shop_3", "{}"))).await;
    let alice = bot.follower("alice");
    // The answer is first: what follows has to wait where an account may send nothing.
    alice.says("在哪里").await.sees_contains("the follower gets this (image) below your answer");
    alice.says("1").await.sees_image("MAP");
}

#[tokio::test]
async fn a_tool_may_hand_over_to_a_human() {
    let (bot, model) = chain(SHOP, TOOLS, calling(Script::silent().call("human", "{}"))).await;
    bot.follower("alice").says("人呢").await.sees_bubble(&Bubble::Transfer { kf_account: None });
    assert_eq!(model.received().len(), 1);
}

#[tokio::test]
async fn the_model_has_to_answer_in_the_end() {
    let endless = |asked: &Received| match asked.tools().is_empty() {
        false => Script::silent().call("weather", weather("杭州")),
        true => Script::text(asked.results().len().to_string()),
    };
    let (bot, model) = chain(SHOP, &format!("{TOOLS}steps = 3"), endless).await;
    bot.follower("alice").says("天气").await.sees(&labelled("3"));
    assert_eq!(model.received()[3].body["tool_choice"], "none");
    let never = |_: &Received| Script::silent().call("weather", weather("杭州"));
    let (bot, model) = chain(SHOP, &format!("{TOOLS}retries = 0"), never).await;
    bot.follower("alice").says("天气").await.sees("抱歉，我现在回答不了，请稍后再试。");
    assert_eq!(model.received().len(), 6);
}

#[tokio::test]
async fn all_steps_together_have_a_limit_in_time() {
    let slow = |_: &Received| {
        Script::silent().call("weather", weather("杭州")).over(Duration::from_secs(8))
    };
    let (bot, model) = chain(SHOP, &format!("{TOOLS}timeout = '20s'\nsteps = 50"), slow).await;
    let heard = bot.follower("alice").says("天气").await;
    bot.advance(Duration::from_secs(30)).await;
    heard.sees_later("抱歉，我现在回答不了，请稍后再试。");
    assert_eq!(model.received().len(), 3);
}

#[tokio::test]
async fn calls_of_a_stream_that_breaks_are_not_made() {
    let answering = |asked: &Received| match asked.number {
        0 => Script::silent().call("add", r#"{"item":"茶","count":1}"#).cut(),
        1 => Script::silent().call("add", r#"{"item":"茶","count":1}"#),
        _ => Script::text(asked.results().join(" | ")),
    };
    let (bot, _) = chain(SHOP, TOOLS, answering).await;
    bot.follower("alice").says("来一份").await.sees(&labelled("茶×1"));
    let begun = |_: &Received| Script::text("好的").call("add", r#"{"item":"茶","count":1}"#).cut();
    let (bot, model) = chain(SHOP, TOOLS, begun).await;
    let heard = bot.follower("alice").says("来一份").await;
    heard.sees(&labelled("好的……（回答中断了，请再问一次）"));
    assert_eq!(model.received().len(), 1, "nothing was called");
}

#[tokio::test]
async fn a_follower_who_may_not_use_a_command_gets_no_such_tool() {
    const MEMBER: &str = "oMEMBER000000000000000000000";
    let entries = [
        "when = { audience = 'members' }",
        "when = { audience = 'members' }\nrefusal = '仅限会员'",
        "when = { openid = 'oMEMBER*' }",
    ];
    for entry in entries {
        let entries = format!("{SHOP}{entry}\n[audience.members]\nopenid = ['oMEMBER*']\n");
        let (bot, model) =
            chain(&entries, TOOLS, calling(Script::text("好").call("weather", weather("杭州"))))
                .await;
        bot.follower("bob").says("天气").await.sees(&labelled("好"));
        assert_eq!(model.received()[0].tools(), [""; 0], "{entry}");
        bot.follower(MEMBER).says("天气").await.sees(&labelled("杭州：晴"));
        assert_eq!(model.received()[1].tools().len(), 8, "{entry}");
    }
}

#[tokio::test]
async fn a_cooldown_holds_for_the_model_too() {
    let entry = format!("{SHOP}cooldown = {{ every = '1m' }}\n");
    let twice = Script::silent().call("weather", weather("杭州")).call("weather", weather("上海"));
    let (bot, _) = chain(&entry, TOOLS, calling(twice)).await;
    let heard = bot.follower("alice").says("天气").await;
    heard.sees_contains("杭州：晴 | error: cooling down for");
}

#[tokio::test]
async fn an_entry_without_commands_stops_the_start() {
    let table = [
        ("tools = ['shpo']", "offers commands (these do: shop); did you mean `shop`?"),
        ("tools = ['faked-chat']", "id `faked-chat` offers commands (these do: shop)"),
        ("api = 'dify'\ntools = ['shop']", "`tools` and `mcp` need `api = \"openai\"`"),
    ];
    for (config, expected) in table {
        MODEL.set(Some(FakeModel::new(|_| Script::text("好"))));
        let chain = format!(
            "{SHOP}[[chain]]\nplugin = 'faked-chat'\n[chain.config]\n\
             base_url = 'http://model.test/v1'\nmodel = 'm1'\n{config}"
        );
        let error = TestBot::from_toml(&chain).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

#[tokio::test]
async fn calls_are_counted_by_entry_and_outcome() {
    let entry = format!("{SHOP}cooldown = {{ every = '1m', per = 'user' }}\n");
    let table = [
        (SHOP, vec![("weather", "杭州")], vec![("shop", "ok", 1.0)]),
        (SHOP, vec![("fail", ""), ("weather", "")], vec![("shop", "failed", 2.0)]),
        (SHOP, vec![("hang", "")], vec![("shop", "timed_out", 1.0)]),
        (SHOP, vec![("made_up", ""), ("杭州", "")], vec![("unknown", "refused", 2.0)]),
        (
            &*entry,
            vec![("weather", "杭州"), ("weather", "上海")],
            vec![("shop", "ok", 1.0), ("shop", "refused", 1.0)],
        ),
    ];
    for (entries, calls, expected) in table {
        let script = calls.iter().fold(Script::silent(), |script, (name, city)| {
            script.call(name, if city.is_empty() { "{}".to_owned() } else { weather(city) })
        });
        let (bot, _) = chain(entries, TOOLS, calling(script)).await;
        bot.follower("alice").says("在吗").await;
        bot.advance(Duration::from_secs(60)).await;
        for (entry, outcome, count) in expected {
            let name = format!(
                "wxbot_tool_calls_total{{link=\"faked-chat\",plugin=\"faked-chat\",\
                 entry=\"{entry}\",outcome=\"{outcome}\"}}"
            );
            assert_eq!(bot.metric(&name), count, "{calls:?}");
        }
    }
}

#[tokio::test]
async fn calls_of_an_answer_that_fails_are_counted_too() {
    let answering = |asked: &Received| match asked.number {
        0 => Script::silent().call("weather", weather("杭州")),
        _ => Script::status(401),
    };
    let (bot, _) = chain(SHOP, &format!("{TOOLS}errors = 'hide'"), answering).await;
    bot.follower("alice").says("天气").await.sees_nothing();
    let name = "wxbot_tool_calls_total{link=\"faked-chat\",plugin=\"faked-chat\",entry=\"shop\",outcome=\"ok\"}";
    assert_eq!(bot.metric(name), 1.0);
}
