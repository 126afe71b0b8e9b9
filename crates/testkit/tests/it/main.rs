//! The kit as a plugin author uses it.

mod plugins; // that take long, fail, or call the API
mod seeing; // what followers see, and assertions that do not hold
mod late; // answers that take longer than WeChat waits
mod transcripts; // the same bot by other ways, and the same run again
mod crowd; // ten thousand followers

use wxbot_plugin_echo as _;
use wxbot_plugin_keywords as _;
use wxbot_plugin_welcome as _;
