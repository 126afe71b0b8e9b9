//! `wxbot check`: reads the configuration and builds everything, without opening a port.

use std::fmt::Write;

use anyhow::Error;

use super::{config, print};
use crate::cli::Cli;

pub(crate) fn check(cli: &Cli) -> Result<(), Error> {
    let (source, config) = config(cli)?;
    let mut text = format!("{} is good\n", source.name);
    for account in &config.accounts {
        let (id, mode, path) = (&account.id, account.mode.as_str(), &account.path);
        writeln!(text, "  account {id:12} {mode:10} http://{}{path}", config.server.listen)?;
    }
    for (_, link) in &config.chain {
        writeln!(text, "  link    {:12} {}", link.id, link.plugin)?;
    }
    print(&text)
}
