//! What the tests share: WeChat's side of the wire, an HTTP client that sends what it is told,
//! the real server on free ports, and the program as an operator runs it.

pub mod wechat;
pub mod http;
pub mod bot;
pub mod paused;
pub mod program;
pub mod usage;
pub mod plugins;
pub mod hog;
pub mod booking;
pub mod scripted;
pub mod instances;
pub mod redis;

use wxbot_plugin_chat as _;
use wxbot_plugin_echo as _;
use wxbot_plugin_faq as _;
use wxbot_plugin_guard as _;
use wxbot_plugin_guide as _;
use wxbot_plugin_keywords as _;
use wxbot_plugin_transfer as _;
use wxbot_plugin_webhook as _;
use wxbot_plugin_welcome as _;

/// The Rust of README.md is compiled and run as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
