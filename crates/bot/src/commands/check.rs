//! `wxbot check`: reads the configuration and builds everything, without opening a port.

use anyhow::Error;

use super::config;
use crate::cli::Cli;

pub(crate) fn check(cli: &Cli) -> Result<(), Error> {
    let (source, config) = config(cli)?;
    println!("{} is good", source.name);
    for account in &config.accounts {
        let mode = account.mode.as_str();
        println!(
            "  account {:12} {mode:10} http://{}{}",
            account.id, config.server.listen, account.path
        );
    }
    for (_, link) in &config.chain {
        println!("  link    {:12} {}", link.id, link.plugin);
    }
    for warning in &config.warnings {
        eprintln!("warning: {warning}");
    }
    Ok(())
}
