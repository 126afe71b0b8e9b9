//! What is said about a command that can't be read.

use std::fmt;

use super::table::{Command, CommandSet};
use super::texts::CommandTexts;
use super::words::Misfit;
use crate::reply::Reply;

/// No more of what a follower wrote is said back.
const MAX_QUOTED: usize = 20;

/// An answer to what is nearly a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage(String);

impl Usage {
    pub(super) fn of(set: &CommandSet, command: &Command, misfit: &Misfit) -> Self {
        let usage = set.texts.usage.replace("{usage}", &set.written(command));
        let lines = [&*problem(set.texts, command, misfit), &usage, command.help, command.details];
        let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        Self(lines.join("\n"))
    }

    /// What was perhaps meant.
    pub(crate) fn did_you_mean(texts: &CommandTexts, names: &[String]) -> Self {
        let [before, behind, between] = texts.quotes;
        let quoted = names.iter().map(|name| format!("{before}{name}{behind}"));
        let names = quoted.collect::<Vec<_>>().join(between);
        Self(texts.did_you_mean.replace("{names}", &names))
    }
}

fn problem(texts: &CommandTexts, command: &Command, misfit: &Misfit) -> String {
    let named = |text: &str, place: usize| {
        text.replace("{argument}", command.arguments.get(place).map_or("", |one| one.name))
    };
    let quoted = |word: &str| word.chars().take(MAX_QUOTED).collect::<String>();
    match misfit {
        Misfit::Missing(place) => named(texts.missing, *place),
        Misfit::Wrong { place, word, example: "" } => {
            named(texts.wrong_without_example, *place).replace("{word}", &quoted(word))
        }
        Misfit::Wrong { place, word, example } => named(texts.wrong, *place)
            .replace("{example}", example)
            .replace("{word}", &quoted(word)),
        Misfit::Extra(word) => texts.extra.replace("{word}", &quoted(word)),
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Usage> for Reply {
    fn from(usage: Usage) -> Self {
        Self::Text(usage.0)
    }
}
