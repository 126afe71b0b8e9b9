//! What the command line can do, one file for each command.

mod run;
mod check;
mod plugins;
mod say;
mod sim;
mod outbox;
mod store;
mod console;
mod stop;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Error;
use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::config::{Config, ConfigError, Source};
use crate::telemetry;

pub(crate) fn run(cli: Cli) -> Result<(), Error> {
    match cli.chosen() {
        Command::Run => run::run(&cli),
        Command::Check => check::check(&cli),
        Command::Plugins { name } => plugins::plugins(&cli, name.as_deref()),
        Command::Say(say) => say::say(&cli, &say),
        Command::Sim(sim) => sim::sim(&sim),
        Command::Outbox { what } => outbox::outbox(&cli, what),
        Command::Store { what } => store::store(&cli, &what),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wxbot", &mut script);
            print(&String::from_utf8(script)?)
        }
    }
}

/// The command line asked for something that is not there.
#[derive(Debug)]
struct WrongInput(String);

impl fmt::Display for WrongInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongInput {}

/// Writes what was asked for. Whoever reads only the start of it, as `head` does, is content.
fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints an error with its causes once, and picks the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    let wrong_input = error.is::<ConfigError>() || error.is::<WrongInput>();
    let _ = telemetry::write(&format!("error: {error:#}\n"));
    if wrong_input { ExitCode::from(2) } else { ExitCode::FAILURE }
}

fn source(cli: &Cli) -> Result<Source, ConfigError> {
    Source::find(cli.config.as_deref())
}

/// What the environment has for `${NAME}`.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What the file says, for who needs no plugin.
fn config(cli: &Cli) -> Result<Config, ConfigError> {
    source(cli)?.read(variable)
}
