//! `wxbot doctor`.

use std::time::Duration;

use clap::Args;
use wxbot_sdk::settings::parse_duration;

use crate::config::PublicUrl;
use crate::language::Language;

#[derive(Debug, Clone, Args)]
pub(crate) struct Doctor {
    /// The account, by its id in bot.toml; by default all of them, one after the other
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// The URL that WeChat calls; by default the account's `url`
    #[arg(long, value_parser = PublicUrl::parse)]
    pub(crate) url: Option<PublicUrl>,
    /// How late an answer to try: what stands in front of the bot has to wait so long; 0s tries none
    #[arg(long, value_name = "DURATION", default_value = "4s", value_parser = parse_duration)]
    pub(crate) slow: Duration,
    /// Of what is said
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    pub(crate) lang: Language,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}
