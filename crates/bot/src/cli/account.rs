//! Commands about an account at WeChat: `wxbot api`, `wxbot menu`, `wxbot send`.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Args)]
pub(crate) struct Api {
    /// GET or POST
    #[arg(value_enum, ignore_case = true)]
    pub(crate) method: ApiMethod,
    /// Like /cgi-bin/menu/get, with its query but without the access token, which wxbot brings
    pub(crate) path: String,
    /// The JSON of a POST; `-` reads standard input
    #[arg(value_name = "JSON")]
    pub(crate) body: Option<String>,
    /// The account whose API it is, by its id in bot.toml; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum ApiMethod {
    Get,
    Post,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Menu {
    /// What to do
    #[arg(value_enum)]
    pub(crate) action: MenuAction,
    /// The account, by its id in bot.toml; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MenuAction {
    /// Show what `apply` would change
    Plan,
    /// Make the live menu that of bot.toml
    Apply,
    /// Print the live menu, and the auto-replies of WeChat's console, as lines for bot.toml
    Import,
    /// Delete the live menu, the conditional ones, too
    Delete,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Send {
    /// The follower
    pub(crate) openid: String,
    /// What to say
    #[arg(required_unless_present = "json", conflicts_with = "json")]
    pub(crate) text: Option<String>,
    /// Anything else instead, in the words of keywords' `reply`: {"image": "MEDIA_ID"}, or a list
    #[arg(long, value_name = "REPLY")]
    pub(crate) json: Option<String>,
    /// The account that sends, by its id in bot.toml; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}
