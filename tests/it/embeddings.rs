//! A `faq` whose questions are found by what they mean, with vectors of `chat`'s provider.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use wxbot_model_sim::{FakeModel, Received, Script, embedding};
use wxbot_sdk::store::Reach;
use wxbot_sim::{Act, WeChat};
use wxbot_store::Memory;
use wxbot_testkit::TestBot;
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::Scripted;

use crate::chat::{MODEL, conversations, page_of};

const DIMENSIONS: usize = 64;
const SHOP: &str = "entries = [
    { question = '怎么退货？', also = ['能退吗'], reply = '七天内可退' },
    { question = '几点营业？', reply = '九点到九点' },
    { question = '怎么开发票？', reply = '点「申请发票」' },
]";
/// Its wordings.
const COUNT: usize = 4;

/// What these mean; anything else means what it says.
const MEANS: [(&str, &str); 3] =
    [("东西坏了想换一个", "怎么退货?"), ("啥时候上班", "几点营业?"), ("不喜欢可以寄回", "能退吗")];

fn meaning(text: &str) -> Vec<f32> {
    let known = MEANS.into_iter().find(|(words, _)| *words == text).map(|(_, means)| means);
    embedding(known.unwrap_or(text), DIMENSIONS)
}

fn vectors(asked: &Received) -> Script {
    Script::embeddings(asked.inputs().iter().map(|text| meaning(text)))
}

/// A provider that makes vectors until something is wrong with it.
#[derive(Clone)]
struct Provider {
    model: FakeModel,
    fault: Arc<Mutex<Option<Fault>>>,
}

/// What comes for requests in which this text is.
struct Fault {
    text: &'static str,
    script: Script,
}

impl Provider {
    fn new() -> Self {
        let fault: Arc<Mutex<Option<Fault>>> = Arc::default();
        let now = Arc::clone(&fault);
        let model = FakeModel::new(move |asked| match (locked(&now).as_ref(), &*asked.inputs()) {
            (_, []) => Script::text("我是模型"),
            (Some(Fault { text, script }), inputs) if inputs.concat().contains(text) => {
                script.clone()
            }
            _ => vectors(asked),
        });
        MODEL.set(Some(model.clone()));
        Self { model, fault }
    }

    fn breaks(&self, fault: Script) {
        self.breaks_on("", fault);
    }

    /// Fails each request that has this text in it, as a model does to which it is poison.
    fn breaks_on(&self, text: &'static str, script: Script) {
        *locked(&self.fault) = Some(Fault { text, script });
    }

    fn mends(&self) {
        *locked(&self.fault) = None;
    }

    /// The texts of each request for vectors.
    fn requests(&self) -> Vec<Vec<String>> {
        let all = self.model.received().into_iter().map(|asked| asked.inputs());
        all.filter(|inputs| !inputs.is_empty()).collect()
    }

    /// All texts that vectors were asked for, in order.
    fn texts(&self) -> Vec<String> {
        self.requests().concat()
    }
}

fn locked(fault: &Mutex<Option<Fault>>) -> MutexGuard<'_, Option<Fault>> {
    fault.lock().expect("nobody panics with it")
}

fn chain(faq: &str, chat: &str) -> String {
    format!(
        "[[chain]]\nplugin = 'faq'\ndialog = {{ links = false }}\n[chain.config]\n\
         embeddings = 'chat'\n{faq}\n\
         [[chain]]\nplugin = 'faked-chat'\nid = 'chat'\n[chain.config]\n\
         base_url = 'http://model.test/v1'\nmodel = 'm1'\nprompt = ''\ntexts = {{ label = '' }}\n\
         embeddings = {{ model = 'e1' }}\n{chat}\n"
    )
}

/// A bot whose list has vectors, unless the provider does not want to.
async fn bot(faq: &str, chat: &str) -> TestBot {
    let bot = TestBot::from_toml(&chain(faq, chat)).await;
    let bot = bot.unwrap_or_else(|error| panic!("{error}"));
    bot.advance(Duration::from_secs(2)).await;
    bot
}

fn count(bot: &TestBot, event: &str) -> f64 {
    bot.metric(&format!("wxbot_link_events_total{{link=\"faq\",plugin=\"faq\",event=\"{event}\"}}"))
}

#[tokio::test(start_paused = true)]
async fn what_means_the_same_is_found_without_a_character_in_common() {
    let provider = Provider::new();
    let bot = bot(SHOP, "").await;
    let alice = bot.follower("alice");
    alice.says("东西坏了想换一个").await.sees("七天内可退").by("faq");
    alice.says("啥时候上班").await.sees("九点到九点").by("faq");
    alice.says("讲个笑话").await.sees("我是模型").by("chat");
    let asked = [
        vec!["怎么退货?", "能退吗", "几点营业?", "怎么开发票?"],
        vec!["东西坏了想换一个"],
        vec!["啥时候上班"],
        vec!["讲个笑话"],
    ];
    assert_eq!(provider.requests(), asked);
}

/// As in docs/en/faq.md: a condition that nobody meets keeps its model from answering.
#[tokio::test(start_paused = true)]
async fn a_chat_that_nobody_may_ask_still_makes_vectors() {
    let provider = Provider::new();
    let chain = chain(SHOP, "").replace("id = 'chat'", "id = 'chat'\nwhen = { openid = 'nobody' }");
    let bot = TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"));
    bot.advance(Duration::from_secs(2)).await;
    let alice = bot.follower("alice");
    alice.says("东西坏了想换一个").await.sees("七天内可退").by("faq");
    alice.says("讲个笑话").await.sees_nothing();
    assert_eq!(provider.texts().len(), COUNT + 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_exactly_or_again_needs_no_vector() {
    let provider = Provider::new();
    let alice = bot(SHOP, "").await.follower("alice");
    alice.says("怎么退货").await.sees("七天内可退");
    alice.says("？！").await.sees("我是模型");
    assert_eq!(provider.texts().len(), COUNT);
    for _ in 0..3 {
        alice.says("东西坏了想换一个").await.sees("七天内可退");
    }
    assert_eq!(provider.texts().len(), COUNT + 1);
}

#[tokio::test(start_paused = true)]
async fn what_means_nearly_the_same_is_asked_back() {
    Provider::new();
    let bot = bot(&format!("{SHOP}\ncosine = [0.4, 1.2]"), "").await;
    let alice = bot.follower("alice");
    let suggested = "您是不是想问：\n1. 怎么退货？\n2. 都不是";
    alice.says("东西坏了想换一个").await.sees(suggested).by("faq");
    alice.says("1").await.sees("七天内可退");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_holds_nobody_up() {
    let provider = Provider::new();
    let bot = bot(SHOP, "").await;
    let alice = bot.follower("alice");
    provider.breaks(Script::text("").after(Duration::from_secs(3600)));
    let heard = alice.says("请问怎么退货呢").await.sees("七天内可退").by("faq");
    assert_eq!(heard.took(), Duration::from_millis(1500));
    let heard = alice.says("你们几点营业啊").await.sees("九点到九点");
    assert_eq!(heard.took(), Duration::ZERO, "nobody waits for it again so soon");
    provider.mends();
    alice.says("东西坏了想换一个").await.sees("我是模型");
    bot.advance(Duration::from_secs(10)).await;
    alice.says("东西坏了想换一个").await.sees("七天内可退");
    assert_eq!(count(&bot, "without_vectors"), 3.0);
}

/// What may come in place of vectors.
fn faults() -> Vec<(&'static str, Script)> {
    let one = || meaning("怎么退货?");
    vec![
        ("too many", Script::embeddings([one(), one()])),
        ("none", Script::embeddings([])),
        ("another dimension", Script::embeddings([vec![1.0; DIMENSIONS / 2]])),
        ("no direction", Script::embeddings([vec![0.0; DIMENSIONS]])),
        ("NaN", Script::raw("{\"data\":[{\"index\":0,\"embedding\":[NaN,1]}]}")),
        ("null", Script::raw("{\"data\":[{\"index\":0,\"embedding\":[null,1]}]}")),
        ("no JSON", Script::raw("<html>")),
        ("half of it", Script::embeddings([one()]).cut()),
        ("half of it, then nothing", Script::embeddings([one()]).stall()),
        ("an error with status 200", Script::raw("{\"error\":{\"code\":\"overloaded\"}}")),
        ("a chat completion", Script::text("好")),
        ("a wrong key", Script::status(401)),
        ("no such path", Script::status(404)),
        ("too many requests", Script::status(429).header("Retry-After", "7")),
        ("trouble", Script::status(503)),
        ("moderation", Script::status(400).error("data_inspection_failed", "no")),
        ("nobody", Script::unreachable()),
    ]
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_in_place_of_a_vector_the_full_text_answers() {
    for (why, fault) in faults() {
        let provider = Provider::new();
        let bot = bot(SHOP, "").await;
        let alice = bot.follower("alice");
        provider.breaks(fault);
        let heard = alice.says("请问怎么退货呢").await.sees("七天内可退").by("faq");
        assert!(heard.took() <= Duration::from_millis(1500), "{why}: {:?}", heard.took());
        assert_eq!(count(&bot, "without_vectors"), 1.0, "{why}");
        provider.mends();
        bot.advance(Duration::from_secs(10)).await;
        alice.says("东西坏了想换一个").await.sees("七天内可退").by("faq");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_gets_no_vectors_gets_them_later() {
    for (why, fault) in faults() {
        let provider = Provider::new();
        provider.breaks(fault);
        let bot = bot(SHOP, "").await;
        let alice = bot.follower("alice");
        alice.says("请问怎么退货呢").await.sees("七天内可退").by("faq");
        bot.advance(Duration::from_secs(3600)).await;
        let tried = provider.requests().len();
        assert!((5..60).contains(&tried), "{why}: asked {tried} times within an hour");
        provider.mends();
        bot.advance(Duration::from_secs(1200)).await;
        alice.says("东西坏了想换一个").await.sees("七天内可退");
    }
}

/// What a model answers that cannot do a text; Ollama says 500 (ollama#12921).
fn poisons() -> [Script; 2] {
    [
        Script::status(500).error("api_error", "json: unsupported value: NaN"),
        Script::raw("{\"data\":[{\"index\":0,\"embedding\":[null,1]}]}"),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_text_that_the_model_cannot_do_holds_up_no_other() {
    for fault in poisons() {
        let provider = Provider::new();
        provider.breaks_on("能退吗", fault);
        let list = SHOP.replace("entries = [", "entries = [{ question = '第一', reply = 'r' },");
        let chain = chain(&list, "").replace("'e1'", "'e1', batch = 2");
        let bot = TestBot::from_toml(&chain).await.unwrap();
        bot.advance(Duration::from_secs(120)).await;
        let alice = bot.follower("alice");
        alice.says("啥时候上班").await.sees("九点到九点").by("faq");
        alice.says("不喜欢可以寄回").await.sees("我是模型");
        provider.mends();
        bot.advance(Duration::from_secs(700)).await;
        alice.says("不喜欢可以寄回").await.sees("七天内可退").by("faq");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_the_model_cannot_do_leaves_others_their_vectors() {
    let without_direction = Script::embeddings([vec![0.0; DIMENSIONS]]);
    for fault in poisons().into_iter().chain([without_direction]) {
        Provider::new().breaks_on("坏话", fault);
        let bot = bot(SHOP, "").await;
        for _ in 0..20 {
            bot.follower("mallory").says("坏话").await.sees("我是模型");
        }
        bot.follower("alice").says("东西坏了想换一个").await.sees("七天内可退").by("faq");
        assert_eq!(count(&bot, "without_vectors"), 20.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_fails_on_all_texts_is_left_alone() {
    let provider = Provider::new();
    let bot = bot(SHOP, "retries = 0").await;
    provider.breaks(Script::status(500));
    for n in 0..20 {
        bot.follower("alice").says(&format!("讲个笑话{n}")).await.sees("我是模型");
    }
    assert_eq!(provider.texts().len(), COUNT + 5);
}

#[tokio::test(start_paused = true)]
async fn an_account_without_money_is_not_taken_for_a_refused_text() {
    let provider = Provider::new();
    let bot = bot(SHOP, "").await;
    provider.breaks(Script::status(400).error("Arrearage", "Access denied."));
    for n in 0..5 {
        bot.follower("alice").says(&format!("讲个笑话{n}")).await.sees("我是模型");
    }
    assert_eq!(provider.texts().len(), COUNT + 1, "nobody is asked while it is not paid");
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_our_own_is_no_failure_of_the_provider() {
    let provider = Provider::new();
    let bot = bot(SHOP, "").await;
    provider.breaks(Script::embeddings([meaning("怎么退货?")]).after(Duration::from_secs(1)));
    let followers: Vec<_> = (0..30).map(|n| bot.follower(&format!("f{n}"))).collect();
    let asking = followers.iter().enumerate().map(|(n, follower)| async move {
        follower.says(&format!("请问怎么退货呢{n}")).await.sees("七天内可退").by("faq");
    });
    futures_util::future::join_all(asking).await;
    assert_eq!(count(&bot, "without_vectors"), 22.0);
    provider.mends();
    bot.follower("alice").says("东西坏了想换一个").await.sees("七天内可退").by("faq");
    assert_eq!(count(&bot, "without_vectors"), 22.0);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_time_gets_it() {
    let provider = Provider::new();
    provider.breaks(Script::status(429).header("Retry-After", "300"));
    let bot = bot(SHOP, "").await;
    bot.advance(Duration::from_secs(290)).await;
    bot.follower("alice").says("东西坏了想换一个").await.sees("我是模型");
    assert_eq!(provider.requests().len(), 1);
    provider.mends();
    bot.advance(Duration::from_secs(20)).await;
    bot.follower("alice").says("东西坏了想换一个").await.sees("七天内可退");
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_refused_holds_up_no_other() {
    let model = FakeModel::new(|asked| match &*asked.inputs() {
        [] => Script::text("我是模型"),
        inputs if inputs.iter().any(|text| text == "能退吗") => {
            Script::status(400).error("data_inspection_failed", "no")
        }
        _ => vectors(asked),
    });
    MODEL.set(Some(model));
    let alice = bot(SHOP, "").await.follower("alice");
    alice.says("啥时候上班").await.sees("九点到九点");
    alice.says("能退吗").await.sees("七天内可退");
}

#[tokio::test(start_paused = true)]
async fn a_request_has_no_more_texts_than_all_providers_take() {
    let list: String =
        (0..25).map(|n| format!("{{ question = '问题{n}', reply = 'r' }},")).collect();
    for (setting, expected) in [("", vec![10, 10, 5]), ("batch = 32", vec![25])] {
        let provider = Provider::new();
        let setting = if setting.is_empty() { String::new() } else { format!(", {setting}") };
        let chain = chain(&format!("entries = [{list}]"), "")
            .replace("model = 'e1'", &format!("model = 'e1'{setting}"));
        let bot = TestBot::from_toml(&chain).await.unwrap();
        bot.advance(Duration::from_secs(2)).await;
        let sizes: Vec<_> = provider.requests().iter().map(Vec::len).collect();
        assert_eq!(sizes, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_is_as_the_settings_say() {
    let provider = Provider::new();
    let settings = "{ model = 'e1', base_url = 'http://other.test/v3/', dimensions = 64, key = 'k2', headers = { X-Title = 'bot' } }";
    let chain = chain(SHOP, "headers = { X-Gate = 'g1' }")
        .replace("{ model = 'e1' }", settings)
        .replace("model = 'm1'", "model = 'm1'\nkey = 'k1'");
    let bot = TestBot::from_toml(&chain).await.unwrap();
    bot.advance(Duration::from_secs(2)).await;
    let asked = provider.model.received().remove(0);
    assert_eq!((&*asked.path, asked.header("x-title")), ("/v3/embeddings", "bot"));
    assert_eq!((asked.header("authorization"), asked.header("x-gate")), ("Bearer k2", ""));
    assert_eq!(asked.body["dimensions"], 64);
    let keys: HashSet<_> = asked.body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["model", "input", "dimensions"].map(str::to_owned).into());
}

fn write(path: &Path, questions: &[&str]) {
    let rows: String =
        questions.iter().map(|question| format!("{question},{question}！\n")).collect();
    fs::write(path, rows).expect("there is room for a file");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_read_again_gets_vectors_of_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faq.csv");
    write(&path, &["怎么退货？", "怎么开发票？"]);
    let provider = Provider::new();
    let bot = bot(&format!("files = ['{}']", path.display()), "").await;
    let alice = bot.follower("alice");
    write(&path, &["几点营业？", "怎么退货？"]);
    bot.advance(Duration::from_secs(5)).await;
    alice.says("东西坏了想换一个").await.sees("怎么退货？！");
    bot.advance(Duration::from_secs(2)).await;
    alice.says("啥时候上班").await.sees("几点营业？！");
    let asked = ["怎么退货?", "怎么开发票?", "东西坏了想换一个", "几点营业?", "啥时候上班"];
    assert_eq!(provider.texts(), asked);
}

/// One process after the other, with the same store.
struct Restarts {
    wechat: WeChat,
    store: Arc<Memory>,
    reach: Reach,
    asked: AtomicUsize,
}

impl Restarts {
    fn new(reach: Reach) -> Self {
        let wechat = Scripted::default().wechat();
        Self { wechat, store: Arc::default(), reach, asked: AtomicUsize::new(0) }
    }

    fn start(&self, chain: &str) -> Arc<Instances> {
        let setup = Scripted { config: chain.into(), ..Scripted::default() };
        let instances = Instances::none(setup, &self.wechat, self.store.clone(), self.reach);
        instances.start_one();
        instances
    }

    async fn says(&self, words: &str) -> Option<String> {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let alice = self.wechat.follower("alice");
        let seen = alice.does(Act::text(words)).await.expect("she follows");
        seen.text().map(str::to_owned)
    }

    /// Has the next process answer by vectors, of which it asks for so many of its list.
    async fn check(&self, chain: &str, provider: &Provider, asked_for: usize) {
        let instances = self.start(chain);
        let seen = self.says("东西坏了想换一个").await;
        assert_eq!(seen.as_deref(), Some("七天内可退"));
        let all = provider.texts().len();
        let before = self.asked.swap(all, Ordering::SeqCst);
        assert_eq!(all - before, asked_for + 1, "{:?}", provider.texts());
        instances.kill_one();
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_makes_no_vector_again_unless_the_model_is_another_one() {
    for reach in [Reach::Machine, Reach::Instances] {
        let (provider, restarts) = (Provider::new(), Restarts::new(reach));
        let same = chain(SHOP, "");
        restarts.check(&same, &provider, COUNT).await;
        restarts.check(&same, &provider, 0).await;
        for other in ["'e2'", "'e1', dimensions = 64", "'e1', base_url = 'http://b.test/v1'"] {
            let chain = same.replace("'e1'", other);
            restarts.check(&chain, &provider, COUNT).await;
            restarts.check(&chain, &provider, 0).await;
        }
        restarts.check(&same, &provider, 0).await;
        let more = same.replace("entries = [", "entries = [{ question = '新', reply = 'r' },");
        restarts.check(&more, &provider, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_with_the_process_is_not_kept() {
    let (provider, restarts) = (Provider::new(), Restarts::new(Reach::Process));
    restarts.check(&chain(SHOP, ""), &provider, COUNT).await;
    restarts.check(&chain(SHOP, ""), &provider, COUNT).await;
}

#[tokio::test(start_paused = true)]
async fn kept_vectors_of_another_dimension_are_made_again() {
    let restarts = Restarts::new(Reach::Machine);
    let provider = Provider::new();
    restarts.check(&chain(SHOP, ""), &provider, COUNT).await;
    let larger = |text: &String| {
        let known = MEANS.into_iter().find(|(words, _)| words == text).map(|(_, means)| means);
        embedding(known.unwrap_or(text), 2 * DIMENSIONS)
    };
    let model = FakeModel::new(move |asked| match &*asked.inputs() {
        [] => Script::text("我是模型"),
        inputs => Script::embeddings(inputs.iter().map(larger)),
    });
    MODEL.set(Some(model.clone()));
    let instances = restarts.start(&chain(SHOP, ""));
    let first = restarts.says("啥时候上班").await;
    assert_eq!(first.as_deref(), Some("我是模型"), "they can't be compared");
    assert_eq!(restarts.says("东西坏了想换一个").await.as_deref(), Some("七天内可退"));
    instances.kill_one();
    let asked = model.received().len();
    let _instances = restarts.start(&chain(SHOP, ""));
    assert_eq!(restarts.says("东西坏了想换一个").await.as_deref(), Some("七天内可退"));
    assert_eq!(model.received().len(), asked + 1, "a restart makes none again");
}

#[tokio::test(start_paused = true)]
async fn what_a_model_looks_up_is_found_by_meaning_too() {
    let provider = Provider::new();
    let faq = format!("{SHOP}\nanswer = 1\nsuggestions = 0");
    let chain = chain(&faq, "knowledge = ['faq']")
        .replace("plugin = 'faq'\n", "plugin = 'faq'\nwhen = { kind = 'image' }\n");
    let bot = TestBot::from_toml(&chain).await.unwrap();
    bot.advance(Duration::from_secs(2)).await;
    bot.follower("alice").says("东西坏了想换一个").await.sees("我是模型");
    let asked = provider.model.received().pop().unwrap();
    assert!(asked.system().contains("七天内可退"), "{}", asked.system());
}

#[tokio::test(start_paused = true)]
async fn the_budget_of_the_day_is_one() {
    let provider = Provider::new();
    let bot = bot(SHOP, "limits = { total_tokens_per_day = 6 }").await;
    let alice = bot.follower("alice");
    alice.says("东西坏了想换一个").await.sees("七天内可退");
    alice.says("啥时候上班").await.sees("九点到九点");
    alice.says("啥时候开门").await.sees("今天的额度用完了，请明天再来。").by("chat");
    assert_eq!(provider.texts().len(), COUNT + 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_counts_more_than_there_is_uses_up_the_day() {
    MODEL.set(Some(FakeModel::new(|asked| match &*asked.inputs() {
        [] => Script::text("我是模型"),
        inputs => {
            let item = |text: &String| serde_json::json!({ "embedding": meaning(text) });
            let data: Vec<_> = inputs.iter().map(item).collect();
            let usage = serde_json::json!({ "total_tokens": u64::MAX });
            Script::raw(serde_json::json!({ "data": data, "usage": usage }).to_string())
        }
    })));
    let limit = format!("limits = {{ total_tokens_per_day = {} }}", i64::MAX);
    let bot = bot(SHOP, &limit).await;
    bot.follower("alice").says("讲个笑话").await.sees("今天的额度用完了，请明天再来。");
}

#[tokio::test]
async fn a_wrong_id_stops_the_start() {
    let table = [
        ("'chat'", "'chad'", "`chad` offers embeddings (these do: chat); did you mean `chat`?"),
        ("embeddings = { model = 'e1' }", "", "id `chat` offers embeddings (none does)"),
        ("model = 'e1'", "model = ''", "`embeddings`: `model` has to name"),
        ("model = 'e1'", "model = 'e1', batch = 0", "`batch` has to be from 1 to 256"),
        (
            "model = 'e1'",
            "model = 'e1', base_url = 'x'",
            "`embeddings`: `base_url` has to be a URL",
        ),
        (
            "model = 'm1'",
            "model = 'm1'\napi = 'coze'",
            "`embeddings` needs a `base_url` of its own",
        ),
        ("entries", "cosine = [0.9, 0.4]\nentries", "`cosine` has to be two numbers"),
    ];
    for (right, wrong, expected) in table {
        Provider::new();
        let chain = chain(SHOP, "").replacen(right, wrong, 1);
        let error = TestBot::from_toml(&chain).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{wrong}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_conversation_on_the_page_is_one() {
    for language in ["en", "zh"] {
        Provider::new();
        let (chain, expected) = conversations(&page_of(language, "faq")).remove(1);
        let chain = chain.replace("\"chat\"\n[", "\"faked-chat\"\nid = \"chat\"\n[");
        let chain = chain.replace("dimensions = 512", &format!("dimensions = {DIMENSIONS}"));
        let bot = TestBot::setup(&chain).variable("LLM_KEY", "sk-1").start().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let alice = bot.follower("alice");
        for said in expected.lines().filter_map(|line| line.strip_prefix("alice says \"")) {
            alice.says(said.trim_end_matches('"')).await.by("faq");
        }
        assert_eq!(bot.transcript().trim_end(), expected.trim_end(), "docs/{language}");
    }
}
