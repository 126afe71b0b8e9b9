//! One handler, three times: as a plugin, behind a URL, and as a child process. It does what a text
//! says, so that one suite tells whether all three mean the same.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use tokio::sync::watch;
use wxbot_sdk::prelude::*;

/// What the handler does with a message.
pub enum Act {
    /// Answers this.
    Answer(Value),
    /// Says this meanwhile, and answers when it is told to go on.
    Later(&'static str, Value),
    /// The same, and by the callback where there is one.
    Callback(&'static str, Value),
    /// Never answers.
    Hang,
    /// Dies, as far as it can.
    Crash,
    /// Answers what is no answer.
    Garbage,
    /// Answers more than is read.
    TooLarge,
}

/// What it answers to a text of this name.
pub const REPLIES: [(&str, &str); 9] = [
    ("text", r#""你好""#),
    ("object", r#"{"text":"你好"}"#),
    ("image", r#"{"image":"M1"}"#),
    ("voice", r#"{"voice":"M1"}"#),
    ("video", r#"{"video":{"media_id":"M1","title":"t"}}"#),
    ("music", r#"{"music":{"music_url":"https://example.com/a.mp3","title":"t"}}"#),
    ("news", r#"{"news":[{"title":"t","url":"https://example.com/"}]}"#),
    ("transfer", r#"{"transfer":""}"#),
    ("several", r#"["one",{"image":"M1"}]"#),
];

/// The handler: a text, and what is remembered of who said it.
pub fn act(text: &str, session: &Value) -> Act {
    if let Some((_, reply)) = REPLIES.iter().find(|(name, _)| *name == text) {
        let reply: Value = serde_json::from_str(reply).expect("the table is JSON");
        return Act::Answer(json!({ "reply": reply }));
    }
    match text {
        "stop" => Act::Answer(json!({ "stop": true })),
        "count" => {
            let count = session["count"].as_u64().unwrap_or(0) + 1;
            let reply = count.to_string();
            Act::Answer(json!({ "reply": reply, "session": { "count": count } }))
        }
        "forget" => Act::Answer(json!({ "reply": "forgotten", "session": null })),
        "later" => Act::Later("one moment", json!({ "reply": "at last" })),
        "callback" => Act::Callback("one moment", json!({ "reply": "at last" })),
        "quick callback" => Act::Callback("", json!({ "reply": "at last" })),
        "hang" => Act::Hang,
        "crash" => Act::Crash,
        "garbage" => Act::Garbage,
        "too large" => Act::TooLarge,
        _ => Act::Answer(json!({})),
    }
}

/// More than is read.
pub fn too_large() -> Value {
    json!({ "reply": "x".repeat(300_000) })
}

/// Lets the plugin go on where it answers later; one test waits for it.
pub static GOES_ON: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::channel(false).0);

/// `[chain.config]` of `conformant`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConformantConfig {}

/// The plugin.
pub struct Conformant;

/// What it remembers.
#[derive(Default, Serialize, Deserialize)]
struct Remembered(Map<String, Value>);

impl SessionState for Remembered {}

impl Plugin for Conformant {
    const NAME: &'static str = "conformant";
    const SUMMARY: &'static str = "does what a text says, as handlers in other languages do";
    type Config = ConformantConfig;

    fn build(_config: ConformantConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Conformant {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let session = ctx.session::<Remembered>().get().await?.unwrap_or_default();
        match act(ctx.text().unwrap_or_default(), &Value::Object(session.0)) {
            Act::Answer(answer) => self.answer(answer, ctx).await,
            Act::Later(notice, answer) | Act::Callback(notice, answer) => {
                if !notice.is_empty() {
                    ctx.later(notice);
                }
                GOES_ON.subscribe().wait_for(|goes_on| *goes_on).await?;
                self.answer(answer, ctx).await
            }
            Act::Hang => std::future::pending().await,
            Act::Crash => panic!("the test wants it"),
            Act::Garbage | Act::TooLarge => Err("there is no answer".into()),
        }
    }
}

register!(Conformant);

impl Conformant {
    /// By hand what `webhook` and `exec` make of an answer.
    async fn answer(&self, answer: Value, ctx: &Context) -> Result<Flow, HandlerError> {
        let remembered = ctx.session::<Remembered>();
        match answer.get("session") {
            None => {}
            Some(Value::Object(session)) => {
                remembered.change(|now| now.0 = session.clone()).await?;
            }
            Some(_) => remembered.end().await?,
        }
        Ok(match answer.get("reply") {
            Some(reply) => Flow::Reply(Reply::deserialize(reply)?),
            None if answer["stop"] == true => Flow::Stop,
            None => Flow::Pass,
        })
    }
}
