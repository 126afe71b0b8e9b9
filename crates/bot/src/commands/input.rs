//! What a command works on: the configuration.

use std::fmt;

use crate::cli::Cli;
use crate::config::{Components, Config, ConfigError, Source};

/// The command line asked for something that is not there.
#[derive(Debug)]
pub(super) struct WrongInput(pub(super) String);

impl fmt::Display for WrongInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongInput {}

/// What the file says, for commands that need no plugin.
pub(super) fn config(cli: &Cli) -> Result<Config, ConfigError> {
    source(cli)?.read(variable)
}

/// Everything a bot is put together from.
pub(super) fn components(cli: &Cli) -> Result<Components, ConfigError> {
    source(cli)?.build(variable)
}

fn source(cli: &Cli) -> Result<Source, ConfigError> {
    Source::find(cli.config.as_deref())
}

/// What the environment has for `${NAME}`.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
