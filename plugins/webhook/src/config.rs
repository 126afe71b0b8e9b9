//! `[chain.config]`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{DurationText, OneOrMany, optional_duration};

/// `[chain.config]` of `webhook`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where messages are posted, `http://…` or `https://…`. Nothing else is ever called.
    /// Needed.
    pub(crate) url: String,
    /// `json`, or `wechat`: as WeChat would post it, for a bot that is there already. Default: json.
    pub(crate) format: Format,
    /// Signs what is posted, as Standard Webhooks says: `whsec_` and base64 of 24 to 64 bytes. A list
    /// while it is being changed. Default: not signed.
    pub(crate) secret: Option<OneOrMany>,
    /// With `format = "json"`: where the handler reaches `[console]`, `http://127.0.0.1:8081`. Each
    /// request then says how to post an answer that takes long, within the entry's `timeout`.
    /// Default: none.
    pub(crate) callback: Option<String>,
    /// With `format = "wechat"`: the Token that the bot knows. It need not be the account's.
    pub(crate) token: Option<String>,
    /// With `format = "wechat"`: what an empty answer or `success` means, `pass` or `stop`. Default:
    /// pass.
    pub(crate) silence: Silence,
    /// The longest that an answer may take, up to the entry's `timeout`; what takes longer than
    /// WeChat waits follows by itself. Default: what is left of WeChat's window, but for a moment in
    /// which another link can answer.
    #[serde(with = "optional_duration")]
    #[schemars(with = "Option<DurationText>")]
    pub(crate) time_limit: Option<Duration>,
    /// Messages that are posted at once; more wait. Default: 64.
    pub(crate) concurrency: usize,
}

/// What is posted, and what comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// The contract of `docs/en/other-languages.md`.
    Json,
    /// WeChat's XML.
    Wechat,
}

/// What it means when WeChat would show nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Silence {
    /// The next link is asked.
    Pass,
    /// Nobody else is.
    Stop,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            format: Format::Json,
            secret: None,
            callback: None,
            token: None,
            silence: Silence::Pass,
            time_limit: None,
            concurrency: 64,
        }
    }
}

/// More than that many calls at once are no use to any endpoint.
const MOST: usize = 1024;

impl Config {
    /// Whether nothing is set that means something for the other format only.
    pub(crate) fn check_json(&self) -> Result<(), String> {
        match (&self.token, self.silence) {
            (None, Silence::Pass) => Ok(()),
            (Some(_), _) => Err("`token` is for `format = \"wechat\"`; `secret` signs JSON".into()),
            (_, Silence::Stop) => {
                Err("`silence` is for `format = \"wechat\"`; in JSON answer {\"stop\": true}"
                    .into())
            }
        }
    }

    pub(crate) fn permits(&self) -> Result<usize, String> {
        match self.concurrency {
            allowed @ 1..=MOST => Ok(allowed),
            other => Err(format!("`concurrency` is a number from 1 to {MOST}, got {other}")),
        }
    }
}
