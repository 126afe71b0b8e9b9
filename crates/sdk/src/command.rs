//! Commands: an enum whose doc comments are the help.
//!
//! ```
//! use std::time::Duration;
//!
//! use wxbot_sdk::command::Date;
//! use wxbot_sdk::prelude::*;
//!
//! /// 出行
//! #[derive(Debug, PartialEq, Commands)]
//! enum Travel {
//!     /// 查一个城市的天气
//!     #[command("天气", "weather")]
//!     Weather {
//!         /// 城市
//!         city: String,
//!         /// 哪天
//!         day: Option<Date>,
//!     },
//!     /// 过一会儿提醒您
//!     #[command("提醒", "remind")]
//!     Remind {
//!         /// 多久
//!         after: Duration,
//!         /// 内容
//!         #[command(rest)]
//!         what: String,
//!     },
//! }
//!
//! /// In a [`Handler`](crate::plugin::Handler) whose plugin has `COMMANDS`.
//! fn answer(ctx: &mut Context) -> Flow {
//!     match ctx.command::<Travel>() {
//!         None => Flow::Pass,
//!         Some(Err(usage)) => Flow::reply(usage),
//!         Some(Ok(Travel::Weather { city, .. })) => Flow::reply(format!("{city}：晴")),
//!         Some(Ok(Travel::Remind { what, .. })) => Flow::reply(format!("好的：{what}")),
//!     }
//! }
//!
//! let remind = Travel::Remind { after: Duration::from_secs(1800), what: "关火 🔥".into() };
//! assert_eq!(wxbot_sdk::command::parse("／提醒 半小时 关火 🔥", 0), Some(Ok(remind)));
//! ```
//!
//! The names of a command are those of `#[command(…)]`, the first of which help shows; without, it is
//! the variant's in `kebab-case`. Case and full width do not matter.
//!
//! | a field | takes |
//! | --- | --- |
//! | `u32`, `f64`, … | a number: `3`, `３`, `三` |
//! | [`Duration`](std::time::Duration) | `30分钟`, `1小时30分`, `半小时`, `2h` |
//! | [`Date`] | `3月5日`, `明天`, `下周五`, `2025-03-05`; without a year the next one |
//! | [`Moment`] | `30分钟后`, `今晚8点`, `下周一下午3点半`, `18:30` |
//! | `String` | a word, or several in quotes of any kind |
//! | any [`FromStr`](std::str::FromStr) | a word |
//! | `Option<…>` | one that may be left out |
//! | `Vec<…>` | all words that are left |
//! | `String` with `#[command(rest)]` | the rest of the text, as it was written |
//!
//! What followers read as its name is its doc comment, or `#[command(name = "…")]`.
//!
//! Whether a slash stands before the name is up to the set, `#[commands(slash = "optional")]`, or
//! `required`, or `none`. With a slash, whatever follows is meant as a command: what can't be read
//! is answered by the [`Usage`], and a name that nearly is one by 「您是不是想…」. Without a slash only
//! what can be read is a command, or the name alone, since people talk in these words, too.

mod table;
mod texts;
mod invocation;
mod words;
mod argument;
mod numeral;
mod duration;
mod date;
mod time_of_day;
mod moment;
mod usage;
mod line;

pub use time::Date;
pub use wxbot_macros::Commands;

pub use argument::{Argument, ArgumentKind, ReadArgument, ReadFromStr, Reader};
pub(crate) use invocation::Invocation;
pub use line::LineError;
pub use moment::Moment;
pub use table::{ArgumentSpec, Command, CommandSet, Slash, Takes};
pub use texts::CommandTexts;
pub use usage::Usage;
pub use words::{Misfit, Words};

/// An enum that derives it: each variant is a command.
pub trait Commands: Sized {
    /// What they are called, and what they take.
    const SET: &'static CommandSet;

    /// Makes a command of the words behind its name.
    fn read(place: usize, words: &mut Words<'_>) -> Result<Self, Misfit>;
}

/// The command that a text is at this time, in Unix seconds; `None` where it is none of these.
/// [`ctx.command`](crate::context::Context::command) knows in addition what is nearly one.
pub fn parse<C: Commands>(text: &str, now: u64) -> Option<Result<C, Usage>> {
    parse_invocation(&Invocation::read(text)?, now)
}

pub(crate) fn parse_invocation<C: Commands>(
    invocation: &Invocation<'_>,
    now: u64,
) -> Option<Result<C, Usage>> {
    let (place, rest) = C::SET.find(invocation)?;
    let command = &C::SET.commands[place];
    let mut words = Words::new(rest, command, now);
    let read = C::read(place, &mut words).and_then(|read| words.end().map(|()| read));
    match read {
        Ok(read) => Some(Ok(read)),
        Err(misfit) if invocation.has_slash() || rest.trim().is_empty() => {
            Some(Err(Usage::of(C::SET, command, &misfit)))
        }
        Err(_) => None,
    }
}
