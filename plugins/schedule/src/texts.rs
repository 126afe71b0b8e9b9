//! What is said, and what its templates know.

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::template::Template;
use wxbot_sdk::template::variables::{Variable, Variables};

/// What is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// When a reminder was taken down; {time} and {what} are filled in.
    pub added: Template<Added>,
    /// The reminder itself; {what} is filled in.
    pub reminder: Template<Reminded>,
    /// Above the list of a follower's reminders.
    pub list: Template,
    /// Where there are none.
    pub none: Template,
    /// When one was cancelled; {what} is filled in.
    pub cancelled: Template<Cancelled>,
    /// To a number that is none of the list's.
    pub no_such: Template,
    /// When there are too many; {most} is filled in.
    pub full: Template<Full>,
    /// When it is too far away; {hours} is filled in.
    pub too_far: Template<TooFar>,
    /// When the time is over.
    pub past: Template,
    /// On an account that can't send anything but answers.
    pub unable: Template,
    /// To 提醒我 and something that is not understood; "" leaves it to the entries below. Default: how it
    /// is written.
    pub usage: Option<Template>,
}

/// Makes a name for the variables of a text.
macro_rules! variables {
    ($($(#[$doc:meta])* $name:ident($($own:literal),*) $has_message:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Variables for $name {
            const OWN: &'static [Variable] = &[$(Variable::plain($own)),*];
            const HAS_MESSAGE: bool = $has_message;
        }
    )*};
}

variables! {
    /// Of a text that is sent by the clock.
    Unprompted() false;
    /// Of a reminder.
    Reminded("what") false;
    /// Of a reminder that was taken down.
    Added("time", "what") true;
    /// Of one that was cancelled.
    Cancelled("what") true;
    /// Where there are too many.
    Full("most") true;
    /// Where it is too far away.
    TooFar("hours") true;
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
            usage: None,
        }
    }
}
