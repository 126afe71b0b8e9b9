//! `wxbot health`: whether the bot of this configuration is ready, for a supervisor to ask.

use anyhow::{Context, Error, bail};

use super::console;
use super::input::config;
use super::output::print;
use crate::cli::Cli;

/// Good is ready, also where the store is degraded: a restart would not mend that.
pub(crate) fn health(cli: &Cli) -> Result<(), Error> {
    let config = config(cli)?;
    let listen = config.console.listen;
    let answer = console::ask(&config.console, "GET", "/readyz");
    let answer = answer.with_context(|| format!("the console at {listen} does not answer"))?;
    match answer {
        Some(answer) if answer.status == 200 => print(&answer.body),
        Some(answer) => bail!("the console at {listen} answers with the status {}", answer.status),
        None => bail!("no wxbot listens at {listen} (`[console] listen`)"),
    }
}
