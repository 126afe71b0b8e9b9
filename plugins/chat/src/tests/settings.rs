//! What may stand in `[chain.config]`, and what is wrong with it.

use std::time::Duration;

use wxbot_sdk::settings::Settings;

use super::*;

#[cfg(feature = "mcp")]
const NO_URL: &str = "`mcp`: `url` has to be a URL like";
#[cfg(feature = "mcp")]
const NOTHING_ALLOWED: &str = "`mcp`: nothing of this server is allowed; name its tools in `allow`";
#[cfg(not(feature = "mcp"))]
const NO_URL: &str = "`mcp`: this program was built without it; build it with `--features mcp`";
#[cfg(not(feature = "mcp"))]
const NOTHING_ALLOWED: &str = NO_URL;

#[tokio::test]
async fn a_wrong_setting_says_what_would_be_right() {
    let good = "base_url = 'http://localhost:11434/v1'\nmodel = 'qwen3'\n";
    let table = [
        ("".to_owned(), "`base_url` has to be a URL like"),
        ("base_url = 'localhost/v1'\nmodel = 'm'".to_owned(), "`base_url` has to be a URL like"),
        ("base_url = 'http://a b/'\nmodel = 'm'".to_owned(), "`base_url` is no URL"),
        ("base_url = 'http://localhost/v1'".to_owned(), "`model` has to name"),
        (format!("{good}headers = {{ 'a b' = 'c' }}"), "`a b` in `headers` is no header"),
        (format!("{good}proxy = 'a b'"), "`proxy` is not a URL"),
        (format!("{good}key = \"a\\nb\""), "`key` has a character"),
        (format!("{good}key = 'sk-密钥'"), "`key` has a character"),
        (format!("{good}timeout = '2m'"), "`timeout` has to be less than the entry's, 120s"),
        (format!("{good}concurrency = 0"), "`concurrency` has to be 1 at least"),
        (format!("{good}errors = 'never'"), "expected one of `hint`, `show`, `hide`"),
        (format!("{good}prompt = '{{{{ message.text }}}}'"), "there is no variable message here"),
        (format!("{good}idle_timeout = '5'"), "is not a duration"),
        (format!("{good}reset_words = ['']"), "`full` has an empty text"),
        (format!("{good}mcp = [{{ url = 'ftp://a', allow = ['t'] }}]"), NO_URL),
        (format!("{good}mcp = [{{ url = 'http://a.test/mcp' }}]"), NOTHING_ALLOWED),
        (format!("{good}modle = 'm'"), "did you mean `model`?"),
        (format!("{good}texts = {{ lable = '' }}"), "did you mean `label`?"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Chat>(&config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
    TestBot::with::<Chat>(good).await.unwrap();
}

#[tokio::test]
async fn what_is_set_is_asked_for() {
    let config = "prompt = ''\nstream = false\ntemperature = 0.5\nmax_tokens = 100\n\
                  extra = { enable_thinking = false, thinking = { type = 'disabled' } }\n\
                  headers = { X-Title = 'bot' }";
    let (alice, model) = alice(config, |_| Script::text("好")).await;
    alice.says("hi").await.sees(&labelled("好"));
    let asked = model.received().remove(0);
    assert_eq!(asked.header("x-title"), "bot");
    let body = serde_json::json!({
        "model": "m1",
        "messages": [{ "role": "user", "content": "hi" }],
        "stream": false,
        "temperature": 0.5,
        "max_tokens": 100,
        "enable_thinking": false,
        "thinking": { "type": "disabled" },
    });
    assert_eq!(asked.body, body);
}

#[tokio::test]
async fn a_key_is_taken_as_it_is_pasted() {
    for key in ["sk-1", " sk-1\\n", "Bearer sk-1"] {
        let model = FakeModel::new(|_| Script::text("好"));
        MODEL.set(Some(model.clone()));
        let config = format!("base_url = 'http://a.test'\nmodel = 'm1'\nkey = \"{key}\"");
        let bot = TestBot::with::<Faked>(&config).await.unwrap();
        bot.follower("alice").says("hi").await.sees(&labelled("好"));
        assert_eq!(model.received().remove(0).header("authorization"), "Bearer sk-1", "{key}");
    }
}

#[tokio::test]
async fn a_path_is_put_behind_the_base_url_once() {
    for base_url in ["http://a.test/v1", "http://a.test/v1/", "http://a.test/v1/chat/completions"] {
        let model = FakeModel::new(|_| Script::text("好"));
        MODEL.set(Some(model.clone()));
        let config = format!("base_url = '{base_url}'\nmodel = 'm1'");
        let bot = TestBot::with::<Faked>(&config).await.unwrap();
        bot.follower("alice").says("hi").await.sees(&labelled("好"));
        let asked = model.received().remove(0);
        assert_eq!((&*asked.path, asked.header("authorization")), ("/v1/chat/completions", ""));
    }
}

#[test]
fn no_key_is_printed() {
    let config = Config { key: Some(KEY.to_owned().into()), ..Config::default() };
    assert!(!format!("{config:?}").contains("canary"));
}

/// Uncommented, the entry of the manual at the root.
#[test]
fn the_manual_shows_the_defaults() {
    const MANUAL: &str = include_str!("../../../../bot.toml");
    let entry = MANUAL.split("# plugin = \"chat\"").nth(1).expect("it has an entry");
    let lines = entry.lines().skip(2).take_while(|line| line.starts_with("# "));
    let text: String = lines.map(|line| line[2..].to_owned() + "\n").collect();
    let (settings, problems) = Settings::parse(&text.replace("[chain.config.texts]", "[texts]"));
    assert!(problems.is_empty(), "{problems:?}");
    let (shown, default) = (settings.read::<Config>().unwrap(), Config::default());
    assert_eq!(shown.texts, default.texts);
    assert_eq!(shown.history, default.history);
    assert_eq!(shown.limits, default.limits);
    assert_eq!((shown.prompt, shown.reset_words), (default.prompt, default.reset_words));
    assert_eq!(shown.idle_timeout, default.idle_timeout);
    assert_eq!(shown.timeout, Some(Duration::from_secs(110)));
    assert_eq!(shown.concurrency, default.concurrency);
    assert_eq!((shown.stream, shown.retries), (default.stream, default.retries));
    assert_eq!(shown.api, default.api);
    assert_eq!((shown.vision, shown.errors), (default.vision, default.errors));
    assert_eq!(shown.max_bytes, default.max_bytes);
    assert_eq!(shown.send_pictures, default.send_pictures);
    assert_eq!(shown.steps, default.steps);
    assert_eq!(shown.knowledge_chars, default.knowledge_chars);
}
