//! What a command works on: the configuration.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::cli::Cli;
use crate::config::{Components, Config, ConfigError, EnvFile, Source};

/// The command line asked for something that is not there.
#[derive(Debug)]
pub(super) struct WrongInput(pub(super) String);

impl fmt::Display for WrongInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongInput {}

/// Where the configuration is, or would be.
pub(super) fn path(cli: &Cli) -> &Path {
    cli.config.as_deref().unwrap_or(Path::new("bot.toml"))
}

/// Says that there is no configuration here, where the built-in one steps in.
pub(super) fn note_built_in(cli: &Cli) {
    if has_file(cli) {
        return;
    }
    eprintln!(
        "no bot.toml here: this is the built-in example; go to the folder of your bot.toml, or name \
         it with --config"
    );
}

/// Whether there is a configuration other than the built-in one.
pub(super) fn has_file(cli: &Cli) -> bool {
    cli.config.is_some() || path(cli).exists()
}

/// What the file says, for commands that need no plugin.
pub(super) fn config(cli: &Cli) -> Result<Config, ConfigError> {
    let variables = Variables::of(cli);
    source(cli)?.read(|name| variables.get(name)).inspect_err(|_| variables.explain())
}

/// Everything a bot is put together from.
pub(super) fn components(cli: &Cli) -> Result<Components, ConfigError> {
    let variables = Variables::of(cli);
    source(cli)?.build(|name| variables.get(name)).inspect_err(|_| variables.explain())
}

fn source(cli: &Cli) -> Result<Source, ConfigError> {
    Source::find(cli.config.as_deref())
}

/// What there is for `${NAME}`: the environment, then `wxbot.env`.
struct Variables {
    file: EnvFile,
    asked: RefCell<BTreeSet<String>>,
}

impl Variables {
    fn of(cli: &Cli) -> Self {
        Self { file: EnvFile::beside(path(cli)), asked: RefCell::default() }
    }

    fn get(&self, name: &str) -> Option<String> {
        self.asked.borrow_mut().insert(name.to_owned());
        std::env::var(name).ok().or_else(|| self.file.get(name).map(str::to_owned))
    }

    /// Says why a variable that is in the file may be missing, or wrong.
    fn explain(&self) {
        for trouble in self.file.troubles(&self.asked.borrow()) {
            eprintln!("warning: {trouble}");
        }
    }
}
