//! `wxbot check`: reads the configuration and builds everything, without opening a port.

use std::fmt::Write;

use anyhow::Error;

use super::input::components;
use super::menu::unanswered;
use super::output::print;
use crate::cli::Cli;

pub(crate) fn check(cli: &Cli) -> Result<(), Error> {
    let built = components(cli)?;
    let config = &built.config;
    for warning in config.warnings_with_lines() {
        eprintln!("warning: {warning}");
    }
    let mut text = format!("{} is good\n", config.name());
    for account in &config.accounts {
        let (id, mode, path) = (&account.id, account.mode.as_str(), &account.path);
        writeln!(text, "  account {id:12} {mode:10} http://{}{path}", config.server.listen)?;
    }
    for (_, link) in &built.chain {
        writeln!(text, "  link    {:12} {}", link.id, link.plugin)?;
    }
    if config.chain.iter().any(|entry| entry.place().is_none()) {
        text += "  there is no [[chain]], so `echo` alone answers: followers get back what they write\n";
    }
    let with_menu = config.accounts.iter().filter(|account| account.menu.is_some());
    for id in with_menu.map(|account| account.id.clone()).collect::<Vec<_>>() {
        unanswered::warn(components(cli)?, &id)?;
    }
    print(&text)
}
