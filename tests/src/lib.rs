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
pub mod background;
pub mod clockwork;
pub mod diary;
pub mod table;
pub mod travel;
pub mod shipping;
pub mod scripted;
pub mod instances;
pub mod redis;
pub mod folders;
pub mod languages;
pub mod conformant;
pub mod markdown;
pub mod cast;
pub mod json_schema;

use wxbot_plugin_chat as _;
use wxbot_plugin_echo as _;
use wxbot_plugin_exec as _;
use wxbot_plugin_faq as _;
use wxbot_plugin_guard as _;
use wxbot_plugin_guide as _;
use wxbot_plugin_help as _;
use wxbot_plugin_keywords as _;
use wxbot_plugin_schedule as _;
use wxbot_plugin_transfer as _;
use wxbot_plugin_webhook as _;
use wxbot_plugin_welcome as _;

/// The Rust of README.md is compiled and run as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// So is what of the pages about dialogs is not in a test of its own, `it/dialog_pages.rs`.
#[cfg(doctest)]
#[doc = include_str!("../../docs/en/dialogs.md")]
#[doc = include_str!("../../docs/zh/dialogs.md")]
pub struct DialogPages;

/// And the recipes for WeChat's API.
#[cfg(doctest)]
#[doc = include_str!("../../docs/en/api.md")]
#[doc = include_str!("../../docs/zh/api.md")]
pub struct ApiPages;

/// And what the pages about templates show of plugins.
#[cfg(doctest)]
#[doc = include_str!("../../docs/en/templates.md")]
#[doc = include_str!("../../docs/zh/templates.md")]
pub struct TemplatePages;

/// And the page about schedules.
#[cfg(doctest)]
#[doc = include_str!("../../docs/en/schedules.md")]
pub struct SchedulePage;
