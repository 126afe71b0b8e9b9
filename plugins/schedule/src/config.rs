//! What can be set, and what is said unless it is set otherwise.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::schedule::{Cron, Missed, Zone};
use wxbot_sdk::settings::{OneOrMany, duration};

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
    #[schemars(with = "String")]
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
    pub text: String,
}

/// What is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// When a reminder was taken down; {time} and {what} are filled in.
    pub added: String,
    /// The reminder itself; {what} is filled in.
    pub reminder: String,
    /// Above the list of a follower's reminders.
    pub list: String,
    /// Where there are none.
    pub none: String,
    /// When one was cancelled; {what} is filled in.
    pub cancelled: String,
    /// To a number that is none of the list's.
    pub no_such: String,
    /// When there are too many; {most} is filled in.
    pub full: String,
    /// When it is too far away; {hours} is filled in.
    pub too_far: String,
    /// When the time is over.
    pub past: String,
    /// On an account that can't send anything but answers.
    pub unable: String,
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

impl Default for Texts {
    fn default() -> Self {
        Self {
            added: "好的，{time} 提醒您：{what}".into(),
            reminder: "⏰ 提醒：{what}".into(),
            list: "您的提醒（发送「取消提醒 1」可以取消第一个）：".into(),
            none: "您没有提醒。发送「提醒我 30分钟后 喝水」可以新建一个。".into(),
            cancelled: "已取消：{what}".into(),
            no_such: "没有这个提醒，发送「我的提醒」可以查看。".into(),
            full: "您已经有 {most} 个提醒了，请先取消一个。".into(),
            too_far:
                "只能提醒 {hours} 小时以内的事：您 48 小时没有发消息的话，微信就不让我提醒您了。"
                    .into(),
            past: "这个时间已经过去了。".into(),
            unable: "这个公众号不能主动发消息，到点提醒不了您。".into(),
        }
    }
}
