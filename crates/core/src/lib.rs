//! wxbot-core: the road of a message through a WeChat Official Account bot.
//!
//! A follower's words come in as signed XML and leave as XML. In between they make seven stops,
//! one module each, in one order, told by one function: [`road::Bot::answer`].
//!
//! This crate opens no socket and reads no file.

#![warn(missing_docs)]
// A panic in a plugin must cost one message, not the process.
#[cfg(panic = "abort")]
compile_error!("wxbot needs unwinding: take `panic = \"abort\"` out of the profile");

pub mod road;
pub mod account;
pub mod signature; // 1 is it WeChat?
pub mod envelope; // 2 open it
pub mod cipher;
mod repeat; // 4 have we met it?
mod generations;
mod hashed;
mod work;
mod order;
mod peers;
mod job;
pub mod chain; // 5 ask the plugins
pub mod window; // 6 in time?
pub mod late;
pub mod reply; // 7 say it
pub mod refusal;
pub mod trace;
pub mod metrics;
pub mod current;
pub mod log_throttle;
mod refusal_log;
