//! `[chain.config]`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{OneOrMany, optional_duration};

/// `[chain.config]` of `webhook`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where messages are posted, `http://…` or `https://…`. Nothing else is ever called.
    pub(crate) url: String,
    /// Signs what is posted, as Standard Webhooks says: `whsec_` and base64 of 24 to 64 bytes. A list
    /// while it is being changed. Default: not signed.
    pub(crate) secret: Option<OneOrMany>,
    /// The longest that an answer may take, up to the entry's `timeout`; what takes longer than
    /// WeChat waits follows by itself. Default: what is left of WeChat's window, but for a moment in
    /// which another link can answer.
    #[serde(with = "optional_duration")]
    #[schemars(with = "Option<String>")]
    pub(crate) time_limit: Option<Duration>,
    /// Messages that are posted at once; more wait. Default: 64.
    pub(crate) concurrency: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { url: String::new(), secret: None, time_limit: None, concurrency: 64 }
    }
}

/// More than that many calls at once are no use to any endpoint.
const MOST: usize = 1024;

impl Config {
    pub(crate) fn permits(&self) -> Result<usize, String> {
        match self.concurrency {
            allowed @ 1..=MOST => Ok(allowed),
            other => Err(format!("`concurrency` is a number from 1 to {MOST}, got {other}")),
        }
    }
}
