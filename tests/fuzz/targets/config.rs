//! Any `bot.toml`: it is built, or every error of it is shown.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wxbot::config::Source;
use wxbot_plugin_echo as _;
use wxbot_plugin_keywords as _;
use wxbot_plugin_welcome as _;

fuzz_target!(|text: &str| {
    let source = Source { name: "bot.toml".into(), text: text.into() };
    if let Err(error) = source.build(|_| None) {
        assert!(!error.to_string().is_empty());
    }
    let _ = source.build(|name| Some(name.to_owned()));
});
