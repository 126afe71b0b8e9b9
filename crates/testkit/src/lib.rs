//! wxbot-testkit: tests for plugin authors. A bot, and WeChat around it.
//!
//! A test says what followers do and what they should see. In between is everything that is there
//! in production: WeChat signs, seals, delivers, hangs up after 5 seconds, delivers again and
//! judges the answer; the bot of your `bot.toml` travels the real road. Time is virtual: a plugin
//! that takes a minute takes a test no time at all.
//!
//! ```
//! use std::time::Duration;
//!
//! use wxbot_testkit::TestBot;
//! # use wxbot_plugin_keywords as _;
//! # use wxbot_plugin_welcome as _;
//!
//! # wxbot_testkit::run(async { // or a plain `#[tokio::test]`
//! let bot = TestBot::from_toml(r#"
//!     [[chain]]
//!     plugin = "welcome"
//!     config = { reply = "欢迎", scenes = { shop-42 = "欢迎到店" } }
//!
//!     [[chain]]
//!     plugin = "keywords"
//!     config = { rules = [{ contains = "price", reply = "¥99" }, { key = "HELP", reply = "?" }] }
//! "#).await?;
//!
//! let alice = bot.follower("alice");
//! alice.says("the price?").await.sees("¥99").by("keywords");
//! alice.says("hello").await.sees_nothing();
//! alice.clicks("HELP").await.sees("?");
//! alice.follows_by_scan("shop-42").await.sees_contains("到店").by("welcome");
//! bot.advance(Duration::from_secs(60)).await;
//!
//! bot.assert_transcript(r#"
//!     alice says "the price?"
//!       keywords: ¥99
//!     alice says "hello"
//!       (nothing)
//!     alice clicks "HELP"
//!       keywords: ?
//!     alice scans "shop-42"
//!       welcome: 欢迎到店
//!     60 s later
//! "#);
//! # Ok::<(), wxbot_testkit::SetupError>(())
//! # }).unwrap();
//! ```
//!
//! * The plugins are those that the test links: your own crate, and `use … as _` for others.
//! * Without an `[[account]]` a plain one is added, which may send customer-service messages. An
//!   answer that comes too late for WeChat is then seen after [`TestBot::advance`], by
//!   [`Heard::sees_later`].
//! * The store is `memory:`, whatever `[store]` says: no test touches what real followers wait for.
//! * An assertion that fails prints everything: each link that was asked, its decision and its time,
//!   each delivery with both bodies, opened if they are sealed, and what the phone shows.
//! * [`TestBot::setup`] chooses the rest: the kind of account, safe mode, JSON, faults, a seed, or
//!   real ports and the real clock.

#![warn(missing_docs)]

mod setup; // from a configuration to a bot
mod account;
mod bot;
mod follower; // somebody does something
mod conversation; // line by line
mod heard; // and asserts what came of it
mod report;
mod written; // all of it as a text
mod transcript;
mod shared;
mod exchange;
mod served; // over HTTP
mod time;
mod error;

pub use bot::TestBot;
pub use error::SetupError;
pub use follower::Follower;
pub use heard::Heard;
pub use served::{FreePorts, ServedBot};
pub use setup::Setup;
pub use time::run;
pub use wxbot::rehearsal::{Direct, InProcess};
/// What WeChat is made of, for what the short ways do not reach.
pub use wxbot_sim as sim;
