//! Commands about an account at WeChat: `wxbot api`, `wxbot menu`, `wxbot send`.

use std::path::PathBuf;

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
    /// A file to upload, like media=photo.jpg, in the form of a POST; it is read while it is sent
    #[arg(long = "file", value_name = "NAME=FILE", conflicts_with_all = ["body", "output"])]
    pub(crate) files: Vec<String>,
    /// A text in that form, like 'description={"title": "Tea", "introduction": ""}'
    #[arg(long = "field", value_name = "NAME=TEXT", requires = "files")]
    pub(crate) fields: Vec<String>,
    /// Where a file goes that WeChat answers with; `-` is standard output, if that is no terminal. It
    /// has this name only once it is whole
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
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
    #[arg(required_unless_present_any = ["json", "notification"], conflicts_with = "json")]
    pub(crate) text: Option<String>,
    /// Anything else instead, in the words of keywords' `reply`: {"image": "MEDIA_ID"}, or a list
    #[arg(long, value_name = "REPLY")]
    pub(crate) json: Option<String>,
    #[command(flatten)]
    pub(crate) notification: NotificationArgs,
    /// The account that sends, by its id in bot.toml; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

/// What is sent where WeChat takes no message; without a text, at once.
#[derive(Debug, Clone, Args)]
pub(crate) struct NotificationArgs {
    /// Send a template message, by the id of its template, where WeChat takes no other; without a
    /// TEXT, at once
    #[arg(long, value_name = "ID", group = "notification")]
    pub(crate) template: Option<String>,
    /// The same with a subscription notification
    #[arg(long, value_name = "ID", group = "notification")]
    pub(crate) subscription: Option<String>,
    /// The values of the template's fields: {"thing1": "a pot of tea"}
    #[arg(long, value_name = "VALUES", requires = "notification")]
    pub(crate) data: Option<String>,
    /// Where a tap on it leads
    #[arg(long, value_name = "URL", requires = "notification")]
    pub(crate) url: Option<String>,
    /// What you call it, for the log line that says what became of it: an order's number
    #[arg(long, value_name = "TEXT", requires = "notification")]
    pub(crate) reference: Option<String>,
}
