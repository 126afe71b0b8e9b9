//! wxbot-sdk: what a plugin depends on, and nothing heavy: no cipher, no XML reader, no HTTP.
//!
//! A plugin author needs [`prelude`], and of it mostly [`plugin::Handler`], [`context::Context`],
//! [`plugin::Flow`] and [`reply::Reply`]:
//!
//! ```
//! use wxbot_sdk::prelude::*;
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
//! The rest is what a plugin touches only now and then: [`matcher`] is the language of `when`,
//! [`api`] calls WeChat, [`store`] keeps what must outlive a message, [`external`] is how handlers in
//! other programs are asked.

#![warn(missing_docs)]

pub mod plugin;
mod flow;
mod plugin_error;
pub mod context;
pub mod instance;
pub mod tasks;
pub mod schedule;
pub mod job;
pub mod message;
pub mod event;
pub mod fields;
mod id_text;
mod normalize;
pub mod reply;
pub mod matcher;
pub mod template;
pub mod api;
pub mod custom;
pub mod notification;
pub mod publication;
pub mod sending;
mod call;
pub mod external;
pub mod store;
mod saved;
pub mod session;
pub mod dialog;
pub mod command;
pub mod knowledge;
pub mod embeddings;
pub mod tool_call;
mod ask_error;
pub mod directory;
pub mod settings;
pub mod file;
pub mod clock;
pub mod redact;

#[doc(hidden)]
pub use inventory;

/// Everything a plugin usually names.
pub mod prelude {
    pub use async_trait::async_trait;
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};

    pub use crate::command::{CommandSet, Commands};
    pub use crate::context::Context;
    pub use crate::dialog::{DialogState, Dialogs};
    pub use crate::event::Event;
    pub use crate::instance::InstanceContext;
    pub use crate::message::{Content, Message};
    pub use crate::notification::Notification;
    pub use crate::plugin::{BuildEnv, BuildError, Flow, Handler, HandlerError, Plugin};
    pub use crate::register;
    pub use crate::reply::{Article, Music, Reply, Video};
    pub use crate::sending::Sending;
    pub use crate::session::SessionState;
    pub use crate::template::{Template, Values};
}
