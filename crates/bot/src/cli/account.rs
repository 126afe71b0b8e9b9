//! Commands about an account at WeChat: `wxbot api`.

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
