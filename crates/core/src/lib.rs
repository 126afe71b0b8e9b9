//! wxbot-core: the road of a message through a WeChat Official Account bot.
//!
//! A follower's words come in as signed XML and leave as XML. In between they make seven stops,
//! one module each, in one order, told by one function: [`bot::Bot::answer`].
//!
//! This crate opens no socket and reads no file.

#![warn(missing_docs)]
// A panic in a plugin must cost one message, not the process.
#[cfg(panic = "abort")]
compile_error!("wxbot needs unwinding: take `panic = \"abort\"` out of the profile");

pub mod bot; // the road, told by one function
pub mod receive; // 1 is it WeChat? 2 open it; 3 is wxbot_sdk::message
pub(crate) mod key;
pub(crate) mod once; // 4 have we met it?
pub mod chain; // 5 ask the plugins
pub mod dialogs;
pub(crate) mod work; // 6 in time?
pub mod late;
mod tracked_api;
mod follower_tags;
pub mod reply; // 7 say it
pub(crate) mod response;
pub(crate) mod seen;
pub mod account;
pub mod account_runtime;
pub(crate) mod engine;
mod instance;
mod lifecycle;
pub mod jobs;
pub mod limits;
pub mod journal;
pub mod metrics;
pub mod metric_description; // of each, for the reference
pub mod log_throttle;
mod refusal_log;
pub mod current;
pub(crate) mod shutdown;
#[cfg(test)]
mod captured_log;
#[cfg(test)]
mod golden;
mod generations;
mod hashed;
