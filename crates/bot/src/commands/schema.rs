//! `wxbot schema`: the JSON Schema of `bot.toml`, with all linked plugins.

use anyhow::Error;

use super::output::print;
use crate::config;

pub(crate) fn schema() -> Result<(), Error> {
    print(&format!("{:#}\n", config::schema()))
}
