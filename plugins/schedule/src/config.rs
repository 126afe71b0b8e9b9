//! What can be set.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::schedule::{Cron, Missed, Zone};
use wxbot_sdk::settings::{DurationText, OneOrMany, duration};
use wxbot_sdk::template::Template;

use crate::texts::{Texts, Unprompted};

/// `[chain.config]` of `schedule`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What is sent when. Default: nothing.
    pub entries: Vec<EntryConfig>,
    /// Whether followers may be reminded of things. Default: true.
    pub reminders: bool,
    /// So many reminders of one follower may wait. Default: 10.
    pub most: usize,
    /// How far away a reminder may be; after 48 hours of silence WeChat takes none. Default: 47h.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub longest: Duration,
    /// What is said.
    pub texts: Texts,
}

/// Something that is sent again and again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryConfig {
    /// What the log calls it, and what is known of it is kept under. Default: 1 for the first entry.
    pub name: Option<String>,
    /// Minute, hour, day, month and weekday: `0 9 * * 1-5` is 9:00 from Monday to Friday.
    pub cron: Cron,
    /// Where it is that time, as an offset from UTC. Default: +08:00.
    #[serde(default)]
    pub zone: Zone,
    /// What becomes of times at which no bot ran: `skip` or `once`. Default: skip.
    #[serde(default)]
    pub missed: Missed,
    /// To whom, and what.
    pub send: Send,
}

/// To whom, and what.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Openids.
    #[serde(default)]
    pub to: Vec<String>,
    /// All of `[audience.NAME]`.
    pub audience: Option<OneOrMany>,
    /// Whose followers they are, an account's id. Default: the first account.
    pub account: Option<String>,
    /// The message.
    pub text: Template<Unprompted>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            reminders: true,
            most: 10,
            longest: Duration::from_secs(47 * 3600),
            texts: Texts::default(),
        }
    }
}
