//! What can be set, and what is said unless it is set otherwise.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{DurationText, OneOrMany, duration};
use wxbot_sdk::template::Template;
use wxbot_sdk::template::variables::{Variable, Variables};

/// `[chain.config]` of `transfer`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whoever writes one of these is handed over. Default: 人工, 转人工, 人工客服 and 客服.
    pub words: Vec<String>,
    /// So is whoever writes one of these in a text. Default: none.
    pub phrases: Vec<String>,
    /// Bring the bot back. Default: 机器人, 结束人工 and 退出人工.
    pub back: Vec<String>,
    /// When somebody is there, in Beijing: `Mon-Fri 09:00-18:00`, or several. Default: always.
    pub hours: Option<OneOrMany>,
    /// Whether WeChat is asked who is online, so that nobody waits for nobody. Default: false.
    pub check_online: bool,
    /// A certain human, `name@account`, for whom followers wait even if offline. Default: any.
    pub kf_account: Option<String>,
    /// So many messages in a row without an answer hand over; 0 is never. Default: 0.
    pub failures: u32,
    /// An answer with one of these in it is none. Default: what `chat` says when it fails.
    pub failure_texts: Vec<String>,
    /// How long a follower waits for a human before the bot is back. Default: 10m.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub wait: Duration,
    /// How long the bot is silent in a session in which the follower writes nothing. Default: 2h.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub silence: Duration,
    /// What is said.
    pub texts: Texts,
}

/// What is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// Sent ahead of a transfer as a customer-service message, where the account may; "" for nothing.
    pub transferring: Template,
    /// Outside of `hours`; {hours} are those.
    pub closed: Template<Hours>,
    /// When nobody is online.
    pub nobody: Template,
    /// When the bot is back by a word; "" for nothing.
    pub back: Template,
}

/// When somebody is there.
#[derive(Debug)]
pub enum Hours {}

impl Variables for Hours {
    const OWN: &'static [Variable] = &[Variable::plain("hours")];
}

impl Default for Config {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            words: ["人工", "转人工", "人工客服", "客服"].map(Into::into).into(),
            phrases: Vec::new(),
            back: ["机器人", "结束人工", "退出人工"].map(Into::into).into(),
            hours: None,
            check_online: false,
            kf_account: None,
            failures: 0,
            failure_texts: vec!["抱歉，我现在回答不了".into()],
            wait: minutes(10),
            silence: minutes(120),
            texts: Texts::default(),
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            transferring: "正在为您转接人工客服，请稍候。发送「机器人」可以返回。".into(),
            closed: "人工客服的服务时间是 {hours}，请到时再联系我们，或者继续问我。".into(),
            nobody: "抱歉，现在没有客服在线，请稍后再试，或者继续问我。".into(),
            back: "好的，机器人继续为您服务。".into(),
        }
    }
}
