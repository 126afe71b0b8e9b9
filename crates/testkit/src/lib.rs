//! wxbot-testkit: tests for plugin authors. A bot, and WeChat around it.

#![warn(missing_docs)]

mod bridge;

pub use bridge::{Direct, InProcess};
