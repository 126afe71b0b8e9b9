//! wxbot-core: the road of a message through a WeChat Official Account bot, and the plugin API.
//!
//! A follower's words come in as signed XML and leave as XML. In between they make seven stops,
//! one module each, in one order, told by one function: [`road::Bot::answer`].
//!
//! A plugin author needs [`prelude`], and of it mostly [`plugin::Handler`], [`context::Context`],
//! [`plugin::Flow`] and [`reply::Reply`]:
//!
//! ```
//! use wxbot_core::prelude::*;
//!
//! /// Greets whoever says hello.
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields, default)]
//! pub struct Config {
//!     /// What to say back.
//!     greeting: String,
//! }
//!
//! impl Default for Config {
//!     fn default() -> Self {
//!         Self { greeting: "你好".into() }
//!     }
//! }
//!
//! pub struct Hello {
//!     config: Config,
//! }
//!
//! impl Plugin for Hello {
//!     const NAME: &'static str = "hello";
//!     const SUMMARY: &'static str = "greets whoever says hello";
//!     type Config = Config;
//!
//!     fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
//!         Ok(Self { config })
//!     }
//! }
//!
//! #[async_trait]
//! impl Handler for Hello {
//!     async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
//!         let Some("hello") = ctx.text() else { return Ok(Flow::Pass) };
//!         Ok(Flow::reply(self.config.greeting.as_str()))
//!     }
//! }
//!
//! register!(Hello);
//! ```
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
pub mod fields;
pub mod message; // 3 what was said
pub mod event;
mod repeat; // 4 have we met it?
mod generations;
mod hashed;
mod work;
mod order;
mod peers;
mod job; // 5 ask the plugins
pub mod chain;
pub mod plugin;
pub mod context;
pub mod matcher;
pub mod window; // 6 in time?
pub mod late;
pub mod reply; // 7 say it
pub mod refusal;
pub mod trace;
pub mod metrics;
pub mod store;
pub mod clock;
pub mod api;
pub mod custom;
pub mod settings;
pub mod current;
pub mod redact;

#[doc(hidden)]
pub use inventory;

/// Everything a plugin usually names.
pub mod prelude {
    pub use async_trait::async_trait;
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};

    pub use crate::context::Context;
    pub use crate::event::Event;
    pub use crate::message::{Content, Message};
    pub use crate::plugin::{BuildEnv, BuildError, Flow, Handler, HandlerError, Plugin};
    pub use crate::register;
    pub use crate::reply::{Article, Music, Reply, Video};
}
