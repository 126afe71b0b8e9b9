//! What followers see of a language model, and when: what the pages in `docs` show is true.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use wxbot::config::Source;
use wxbot_model_sim::{FakeModel, Received, Script};
use wxbot_plugin_chat::{Body, Chat, Config, Wire};
use wxbot_sdk::directory::Directory;
use wxbot_sdk::embeddings::Embeddings;
use wxbot_sdk::prelude::*;
use wxbot_sim::{Kind, Shown};
use wxbot_testkit::TestBot;

thread_local! {
    /// Who is asked.
    pub(crate) static MODEL: RefCell<Option<FakeModel>> = const { RefCell::new(None) };
}

/// `chat` with a model that is asked in virtual time.
struct Faked(Chat);

impl Plugin for Faked {
    const NAME: &'static str = "faked-chat";
    const SUMMARY: &'static str = "answers with a model that does what it is told";
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let model = MODEL.with_borrow(Option::clone).ok_or("there is no model")?;
        Ok(Self(Chat::with_wire(config, env, Arc::new(InProcess(model)))?))
    }
}

#[async_trait]
impl Handler for Faked {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        self.0.handle(ctx).await
    }

    fn embeddings(&self) -> Option<Arc<dyn Embeddings>> {
        self.0.embeddings()
    }

    fn connect(&self, chain: &Directory) -> Result<(), BuildError> {
        self.0.connect(chain)
    }

    async fn start(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        self.0.start(ctx).await
    }
}

register!(Faked);

struct InProcess(FakeModel);

#[async_trait]
impl Wire for InProcess {
    async fn send(&self, request: http::Request<bytes::Bytes>) -> io::Result<http::Response<Body>> {
        self.0.respond(request).await
    }
}

fn page(language: &str) -> String {
    page_of(language, "chat")
}

pub(crate) fn page_of(language: &str, plugin: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the root");
    let path = root.join("docs").join(language).join(plugin).with_extension("md");
    std::fs::read_to_string(path).expect("the page is there")
}

/// The code blocks of a kind.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let begun = page.split(&fence).skip(1);
    begun.map(|text| text.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// The words of a page's table.
struct Words {
    language: &'static str,
    kinds: [&'static str; 5],
    head: &'static str,
    seconds: &'static str,
    answer: &'static str,
    colon: &'static str,
}

const WORDS: [Words; 2] = [
    Words {
        language: "en",
        kinds: [
            "personal subscription account",
            "organisation, not verified",
            "verified subscription account",
            "verified service account",
            "test account",
        ],
        head: "account",
        seconds: " s",
        answer: "the answer",
        colon: ": ",
    },
    Words {
        language: "zh",
        kinds: ["个人订阅号", "未认证的组织账号", "认证订阅号", "认证服务号", "测试号"],
        head: "账号",
        seconds: " 秒",
        answer: "回答",
        colon: "：",
    },
];

const CHAIN: &str = "[[chain]]\nplugin = 'faked-chat'\n[chain.config]\n\
                     base_url = 'http://model.test/v1'\nmodel = 'm1'\n";
const ANSWER: &str = "这是一个要想一想才能回答的问题。";
const TAKES: [u64; 4] = [2, 8, 20, 60];

/// What a follower sees of one question, with the seconds since. Where it is told how to get the
/// answer, that is done when it is ready.
async fn seen(kind: Kind, takes: u64) -> Vec<(f64, String)> {
    let answer = Script::text(ANSWER).over(Duration::from_secs(takes));
    MODEL.set(Some(FakeModel::new(move |_| answer.clone())));
    let bot = TestBot::setup(CHAIN).kind(kind).start().await.expect("the bot is right");
    let alice = bot.follower("alice");
    let began = bot.wechat().clock().now_ms();
    let heard = alice.says("在吗？").await;
    bot.advance(Duration::from_secs(100) - heard.took()).await;
    if !alice.phone().iter().filter_map(Shown::bubble).any(has_answer) {
        alice.says("1").await.sees_contains(ANSWER);
    }
    let phone = alice.phone();
    let seen = phone.iter().filter_map(|shown| {
        let text = shown.bubble()?.as_text()?.to_owned();
        Some((shown.at.saturating_sub(began) as f64 / 1000.0, text))
    });
    seen.collect()
}

fn has_answer(bubble: &wxbot_sim::Bubble) -> bool {
    bubble.as_text().is_some_and(|text| text.contains(ANSWER))
}

fn cell(seen: &[(f64, String)], words: &Words) -> String {
    let bubbles = seen.iter().map(|(at, text)| {
        let what = if text.contains(ANSWER) { words.answer } else { text };
        // At 100 s the follower asks for it.
        let when = match *at as u64 {
            100.. => "「1」".to_owned(),
            _ => format!("{at}{}", words.seconds),
        };
        format!("{when}{}{what}", words.colon)
    });
    bubbles.collect::<Vec<_>>().join("<br>")
}

fn table(all: &[Vec<Vec<(f64, String)>>], words: &Words) -> String {
    let head: String = TAKES.iter().map(|takes| format!(" {takes}{} |", words.seconds)).collect();
    let mut table = format!("| {} |{head}\n| --- | --- | --- | --- | --- |\n", words.head);
    for (kind, row) in words.kinds.iter().zip(all) {
        let cells: String = row.iter().map(|seen| format!(" {} |", cell(seen, words))).collect();
        table.push_str(&format!("| {kind} |{cells}\n"));
    }
    table
}

#[tokio::test(start_paused = true)]
async fn followers_see_the_answer_on_every_kind_of_account() {
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let mut row = Vec::new();
        for takes in TAKES {
            row.push(seen(*kind, takes).await);
        }
        all.push(row);
    }
    for words in WORDS {
        let table = table(&all, &words);
        assert!(page(words.language).contains(&table), "docs/{}:\n{table}", words.language);
    }
}

/// What the model answers on the pages.
fn on_the_pages(asked: &Received) -> Script {
    if asked.question() == "周三去杭州要带伞吗？" {
        return Script::silent().call("weather", r#"{"city":"杭州","day":"2025-01-08"}"#);
    }
    Script::text(match &*asked.question() {
        "绿茶怎么泡？" => "**三步**：\n\n1. 水温 80℃\n2. 3 克茶，200 毫升水\n3. 泡 2 分钟\n",
        "红茶呢？" => "红茶用 `95℃` 的水，其余一样。详见[泡茶指南](https://example.com/tea)",
        "杭州，2025-01-08：晴" => "杭州周三是晴天，不用带伞。",
        _ if asked.system().contains("七天内可退，在订单页申请。") => {
            "可以的，七天内在订单页申请就行。"
        }
        _ => "不知道",
    })
}

/// The transcripts of a page, each with the configuration before it.
pub(crate) fn conversations(page: &str) -> Vec<(String, String)> {
    let before = page.split("```transcript\n").collect::<Vec<_>>();
    let pairs = before.windows(2).map(|pair| {
        let config = blocks(pair[0], "toml").pop().expect("a configuration is above it");
        (config, pair[1].split("```").next().unwrap_or_default().to_owned())
    });
    pairs.collect()
}

#[tokio::test(start_paused = true)]
async fn the_conversations_on_the_pages_are_ones() {
    for (language, count) in [("en", 3), ("zh", 3)] {
        let conversations = conversations(&page(language));
        assert_eq!(conversations.len(), count, "docs/{language}");
        for (chain, expected) in conversations {
            MODEL.set(Some(FakeModel::new(on_the_pages)));
            let chain = chain.replace("\"chat\"", "\"faked-chat\"\nid = \"chat\"");
            let setup = TestBot::setup(&chain).variable("LLM_KEY", "sk-1");
            let bot = setup.start().await.expect("the bot is right");
            let alice = bot.follower("alice");
            let said = expected.lines().filter_map(|line| line.strip_prefix("alice says \""));
            for said in said {
                alice.says(said.trim_end_matches('"')).await.by("chat");
            }
            let transcript = bot.transcript();
            let lines: Vec<_> = transcript.lines().map(str::trim_end).collect();
            assert_eq!(lines.join("\n") + "\n", expected, "docs/{language}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_followers_chat_at_once() {
    let answer = |asked: &Received| {
        let text = format!("{}，你好！{ANSWER}", asked.question());
        Script::text(text).over(Duration::from_secs(20))
    };
    MODEL.set(Some(FakeModel::new(answer)));
    let bot = TestBot::setup(CHAIN).kind(Kind::VerifiedService).start().await;
    let bot = bot.expect("the bot is right");
    let all: Vec<_> =
        (0..1000).map(|n| (bot.follower(&format!("f{n}")), format!("我是{n}"))).collect();
    let asked = all.iter().map(|(follower, said)| follower.says(said));
    let heard = join_all(asked).await;
    bot.advance(Duration::from_secs(60)).await;
    for (heard, (_, said)) in heard.into_iter().zip(&all) {
        assert_eq!(heard.bubbles().len(), 1, "{said}");
        heard.sees_later_contains(&format!("{said}，你好！"));
    }
    let model = MODEL.take().expect("there is a model");
    assert_eq!(model.received().len(), 1000, "each is asked once");
}

#[test]
fn every_configuration_on_the_pages_is_good() {
    for language in ["en", "zh"] {
        let blocks = blocks(&page(language), "toml");
        assert_eq!(blocks.len(), 8, "{language}");
        for block in blocks {
            let text = format!("[[account]]\ntoken = 'token123'\n{block}");
            let source = Source { name: "chat.md".into(), text };
            source
                .build(|_| Some("sk-1".into()))
                .map(drop)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
