//! `wxbot init`.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use wxbot_sim::{Kind, Mode};

use crate::config::PublicUrl;
use crate::language::Language;

#[derive(Debug, Clone, Args)]
pub(crate) struct Init {
    /// The AppID; asked for on a terminal where it is left out, as all else is
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: Option<String>,
    /// The AppSecret, for WeChat's API. Others see a command line: better the variable, or the terminal
    #[arg(long, value_name = "SECRET", env = "WXBOT_APP_SECRET", hide_env_values = true)]
    pub(crate) app_secret: Option<String>,
    /// What the account is: personal, organisation-unverified, verified-subscription,
    /// verified-service or test
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// The URL that WeChat shall call, like https://bot.example.com/wechat
    #[arg(long, value_parser = PublicUrl::parse)]
    pub(crate) url: Option<PublicUrl>,
    /// Begin with a whole bot, in Chinese, to be changed: docs/en/examples.md shows what they do
    #[arg(long, value_name = "EXAMPLE", value_enum)]
    pub(crate) like: Option<Example>,
    /// How messages are sealed: plain, compatible or safe; by default safe, for a test account plain
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// Where to listen; by default behind a proxy for https, and at port 80 for http
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Of the comments in bot.toml, and of what is said
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    pub(crate) lang: Language,
    /// Ask nothing, also on a terminal
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A bot to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Example {
    Shop,
    School,
    Personal,
}
