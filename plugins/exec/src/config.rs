//! `[chain.config]`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::settings::{DurationText, optional_duration};

/// `[chain.config]` of `exec`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The program and its arguments, without a shell. It runs where wxbot does, with the same
    /// environment.
    command: Vec<String>,
    /// How many of it run. Default: 1.
    pub(crate) processes: usize,
    /// Messages that one of them is asked about at once; more wait. Default: 16.
    concurrency: usize,
    /// The longest that an answer may take, up to the entry's `timeout`; what takes longer than
    /// WeChat waits follows by itself. Default: what is left of WeChat's window, but for a moment in
    /// which another link can answer.
    #[serde(with = "optional_duration")]
    #[schemars(with = "Option<DurationText>")]
    pub(crate) time_limit: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self { command: Vec::new(), processes: 1, concurrency: 16, time_limit: None }
    }
}

/// What is started.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

/// More are no use on any machine.
const MOST_PROCESSES: usize = 64;
const MOST_AT_ONCE: usize = 1024;

impl Config {
    pub(crate) fn command(&self) -> Result<Command, String> {
        match self.command.split_first() {
            Some((program, arguments)) if !program.is_empty() => {
                Ok(Command { program: program.clone(), arguments: arguments.to_vec() })
            }
            _ => Err("`command` is a program and its arguments, for example \
                      [\"python3\", \"bot.py\"]"
                .into()),
        }
    }

    /// How many messages all processes are asked about at once.
    pub(crate) fn permits(&self) -> Result<usize, String> {
        let in_bounds = |name: &str, value: usize, most: usize| match value {
            1.. if value <= most => Ok(value),
            _ => Err(format!("`{name}` is a number from 1 to {most}, got {value}")),
        };
        Ok(in_bounds("processes", self.processes, MOST_PROCESSES)?
            * in_bounds("concurrency", self.concurrency, MOST_AT_ONCE)?)
    }
}
