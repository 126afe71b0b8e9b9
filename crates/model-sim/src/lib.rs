//! wxbot-model-sim: a model's API as its clients see it, OpenAI-compatible, with faults on request;
//! and a server of tools for it, the Model Context Protocol over HTTP.
//!
//! A [`FakeModel`] answers each request with a [`Script`]: what it says, in which pieces and how
//! slowly, or which vectors it makes, and what goes wrong. A test asks it in this process, in virtual time, or over HTTP on
//! loopback; the bytes are the same.
//!
//! ```
//! use std::time::Duration;
//!
//! use wxbot_model_sim::{FakeModel, Script};
//!
//! let model = FakeModel::new(|asked| match asked.number {
//!     0 => Script::status(429).header("Retry-After", "2"),
//!     _ => Script::text(format!("you said {}", asked.question())).over(Duration::from_secs(8)),
//! });
//! # drop(model);
//! ```

#![warn(missing_docs)]

mod model; // who answers
mod received; // what was asked
mod script; // what is answered
mod steps; // byte by byte
mod embedding; // texts as vectors
mod mcp; // tools over HTTP
mod server; // all over HTTP

pub use embedding::embedding;
pub use mcp::{FakeMcp, McpAnswer, McpCall};
pub use model::FakeModel;
pub use received::Received;
pub use script::Script;
pub use server::Served;
pub use steps::Body;
