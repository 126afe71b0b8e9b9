//! `[chain.config]`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use wxbot_sdk::settings::{DurationText, optional_duration};

/// `[chain.config]` of `exec`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The program and its arguments, without a shell. It runs where wxbot does. Of its environment it
    /// has PATH, HOME, LANG, LC_*, TZ and TMPDIR, and what `env` and `pass_env` name.
    /// Needed.
    #[serde(deserialize_with = "program_and_arguments")]
    command: Vec<String>,
    /// More variables, with their values; `${NAME}` is one of wxbot's. Default: none.
    env: BTreeMap<String, String>,
    /// Variables of wxbot that it has, too, by their names. Default: none.
    pass_env: Vec<String>,
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
        Self {
            command: Vec::new(),
            env: BTreeMap::new(),
            pass_env: Vec::new(),
            processes: 1,
            concurrency: 16,
            time_limit: None,
        }
    }
}

/// Many would write it as for a shell.
fn program_and_arguments<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    struct Words;

    impl<'de> Visitor<'de> for Words {
        type Value = Vec<String>;

        /// No words that people write: what is shown of a value is masked in all of the message.
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(
                "a list of the program and its arguments: write [\"PROGRAM\", \"ARGUMENT\"]",
            )
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut words = Vec::new();
            while let Some(word) = seq.next_element()? {
                words.push(word);
            }
            Ok(words)
        }
    }

    from.deserialize_seq(Words)
}

/// What is started.
#[derive(Clone)]
pub(crate) struct Command {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    env: BTreeMap<String, String>,
    pass_env: Vec<String>,
}

/// What any program needs, and where nobody keeps a secret.
const PASSED: [&str; 5] = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

impl Command {
    /// As others may see it: a whole command line in its place may hold a secret.
    pub(crate) fn shown_program(&self) -> &str {
        if is_name(&self.program) { &self.program } else { "***" }
    }

    /// The variables that it has: wxbot's own secrets are none of them unless they are named.
    pub(crate) fn environment(&self) -> BTreeMap<OsString, OsString> {
        let is_passed = |name: &str| {
            PASSED.contains(&name)
                || name.starts_with("LC_")
                || self.pass_env.iter().any(|passed| passed == name)
        };
        let own = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed));
        let chosen = self.env.iter().map(|(name, value)| (name.into(), value.into()));
        own.chain(chosen).collect()
    }
}

/// Whether a word of the command is one only, and assigns nothing.
pub(crate) fn is_name(word: &str) -> bool {
    !word.contains(|c: char| c == '=' || c.is_whitespace())
}

/// More are no use on any machine.
const MOST_PROCESSES: usize = 64;
const MOST_AT_ONCE: usize = 1024;

impl Config {
    pub(crate) fn command(&self) -> Result<Command, String> {
        self.check_variables()?;
        match self.command.split_first() {
            Some((program, arguments)) if !program.is_empty() => Ok(Command {
                program: program.clone(),
                arguments: arguments.to_vec(),
                env: self.env.clone(),
                pass_env: self.pass_env.clone(),
            }),
            _ => Err("`command` is a program and its arguments, for example \
                      [\"python3\", \"bot.py\"]"
                .into()),
        }
    }

    /// The system takes no other names and values.
    fn check_variables(&self) -> Result<(), String> {
        let named = self.env.keys().map(|name| ("env", name));
        let named = named.chain(self.pass_env.iter().map(|name| ("pass_env", name)));
        for (key, name) in named {
            if name.is_empty() || name.contains(['=', '\0']) {
                // What stands behind `=` may be a secret.
                let name = name.split('=').next().unwrap_or_default();
                return Err(format!(
                    "`{key}` names variables, without a value, and `{name}…` is no name of one"
                ));
            }
        }
        match self.env.iter().find(|(_, value)| value.contains('\0')) {
            Some((name, _)) => Err(format!("`env` has a zero byte in `{name}`")),
            None => Ok(()),
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
