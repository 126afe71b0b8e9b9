//! `[late]` of `bot.toml`, and what an account says otherwise.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use wxbot_sdk::settings::{DurationText, parse_duration};
use wxbot_sdk::template::Template;

use super::variables::{EarlierQuestion, PullKeyword};

/// How long WeChat waits for the answer to one delivery (protocol section 2.6).
pub const HANGS_UP_AFTER: Duration = Duration::from_secs(5);

/// What happens when an answer is not ready in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateSettings {
    /// How long the last delivery may wait for the answer; WeChat hangs up after 5 s.
    pub window: Duration,
    /// How often WeChat delivers a message in all.
    pub deliveries: u32,
    /// Whether answers may follow as customer-service messages.
    pub customer_service: CustomerService,
    /// Said instead of the answer where it may not follow; `{word}` is the word to send.
    pub notice: Template<PullKeyword>,
    /// The word that asks for answers that wait.
    pub word: String,
    /// Put behind an answer when there is more; `{word}` is the word to send.
    pub more: Template<PullKeyword>,
    /// Put in front of an answer to an earlier message; `{question}` is that message.
    pub label: Template<EarlierQuestion>,
    /// Said for the word when nothing came of the work.
    pub nothing: Template,
    /// Said when too many messages of a follower wait already.
    pub busy: Template,
    /// How long an answer waits.
    pub ttl: Duration,
    /// What becomes of an answer of which nobody knows whether WeChat took it.
    pub unclear: Unclear,
}

impl Default for LateSettings {
    fn default() -> Self {
        Self {
            window: Duration::from_millis(4500),
            deliveries: 3,
            customer_service: CustomerService::Auto,
            notice: "正在准备回答，请稍后发送「{word}」查看。".into(),
            word: "1".into(),
            more: "（发送「{word}」继续看）".into(),
            label: "「{question}」：".into(),
            nothing: "抱歉，没有找到答案。".into(),
            busy: "消息太多了，请稍后再发。".into(),
            ttl: Duration::from_secs(24 * 3600),
            unclear: Unclear::Keep,
        }
    }
}

/// Whether an account may send customer-service messages (protocol section 8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerService {
    /// It is tried, and if WeChat refuses with 48001 not tried again for a day.
    #[default]
    Auto,
    /// It may.
    Yes,
    /// It may not.
    No,
}

/// What becomes of an answer of which nobody knows whether WeChat took it: a time-out, a connection
/// that broke, a 500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unclear {
    /// It waits for the follower's next message, where a doubled sentence is harmless.
    #[default]
    Keep,
    /// It is sent again, with backoff.
    Resend,
    /// It is a dead letter.
    Drop,
}

impl JsonSchema for CustomerService {
    fn schema_name() -> Cow<'static, str> {
        "CustomerService".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "enum": ["auto"] }] })
    }
}

impl<'de> Deserialize<'de> for CustomerService {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Word;

        impl Visitor<'_> for Word {
            type Value = CustomerService;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true`, `false` or `\"auto\"`")
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<CustomerService, E> {
                Ok(if yes { CustomerService::Yes } else { CustomerService::No })
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<CustomerService, E> {
                match word {
                    "auto" => Ok(CustomerService::Auto),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
                }
            }
        }

        from.deserialize_any(Word)
    }
}

/// `[late]`: what happens when an answer is not ready in time; in an account, what differs there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LateChanges {
    /// How long the last delivery may wait for the answer; WeChat hangs up after 5 s.
    #[serde(deserialize_with = "window")]
    #[schemars(with = "Option<DurationText>", extend("default" = "4.5s"))]
    window: Option<Duration>,
    /// How often WeChat delivers a message in all.
    #[serde(deserialize_with = "deliveries")]
    #[schemars(range(min = 1, max = 3), extend("default" = 3))]
    deliveries: Option<u32>,
    /// Whether the account may send customer-service messages; `"auto"` tries once.
    #[schemars(extend("default" = "auto"))]
    customer_service: Option<CustomerService>,
    /// Said instead of the answer where it may not follow; `{word}` is the word to send.
    #[schemars(extend("default" = LateSettings::default().notice))]
    notice: Option<Template<PullKeyword>>,
    /// The word that asks for answers that wait.
    #[serde(deserialize_with = "word")]
    #[schemars(extend("default" = LateSettings::default().word))]
    word: Option<String>,
    /// Put behind an answer when there is more; `{word}` is the word to send.
    #[schemars(extend("default" = LateSettings::default().more))]
    more: Option<Template<PullKeyword>>,
    /// Put in front of an answer to an earlier message; `{question}` is that message.
    #[schemars(extend("default" = LateSettings::default().label))]
    label: Option<Template<EarlierQuestion>>,
    /// Said for the word when nothing came of the work.
    #[schemars(extend("default" = LateSettings::default().nothing))]
    nothing: Option<Template>,
    /// Said when too many messages of a follower wait already; `""` for nothing.
    #[schemars(extend("default" = LateSettings::default().busy))]
    busy: Option<Template>,
    /// How long an answer waits.
    #[serde(deserialize_with = "some_duration")]
    #[schemars(with = "Option<DurationText>", extend("default" = "1d"))]
    ttl: Option<Duration>,
    /// What becomes of an answer of which nobody knows whether WeChat took it.
    #[schemars(extend("default" = "keep"))]
    unclear: Option<Unclear>,
}

impl LateChanges {
    /// These settings with the changes.
    #[must_use]
    pub fn applied_to(&self, settings: &LateSettings) -> LateSettings {
        fn or<T: Clone>(change: &Option<T>, setting: &T) -> T {
            change.as_ref().unwrap_or(setting).clone()
        }
        LateSettings {
            window: or(&self.window, &settings.window),
            deliveries: or(&self.deliveries, &settings.deliveries),
            customer_service: or(&self.customer_service, &settings.customer_service),
            notice: or(&self.notice, &settings.notice),
            word: or(&self.word, &settings.word),
            more: or(&self.more, &settings.more),
            label: or(&self.label, &settings.label),
            nothing: or(&self.nothing, &settings.nothing),
            busy: or(&self.busy, &settings.busy),
            ttl: or(&self.ttl, &settings.ttl),
            unclear: or(&self.unclear, &settings.unclear),
        }
    }
}

fn some_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    parse_duration(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn window<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let window = some_duration(from)?;
    match window {
        Some(window) if window.is_zero() || window >= HANGS_UP_AFTER => {
            Err(D::Error::custom(format!(
                "a window of `{window:?}` does not fit: WeChat hangs up after {HANGS_UP_AFTER:?}"
            )))
        }
        window => Ok(window),
    }
}

fn deliveries<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    match u32::deserialize(from)? {
        count @ 1..=3 => Ok(Some(count)),
        other => Err(D::Error::custom(format!("WeChat delivers 1 to 3 times, not `{other}`"))),
    }
}

fn word<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let word = String::deserialize(from)?;
    match word.trim() {
        "" => Err(D::Error::custom("the `word` is empty: a follower has to send it")),
        word => Ok(Some(word.to_owned())),
    }
}
