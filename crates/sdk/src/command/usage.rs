//! What is said about a command that can't be read.

use std::fmt;

use super::table::{Command, CommandSet};
use super::words::Misfit;
use crate::reply::Reply;

/// No more of what a follower wrote is said back.
const MAX_QUOTED: usize = 20;

/// An answer to what is nearly a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage(String);

/// The words of a [`Usage`]; a set may have its own, `#[commands(texts = MY_TEXTS)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandTexts {
    /// `{argument}` is not there.
    pub missing: &'static str,
    /// `{word}` is no `{argument}`, of which there is an `{example}`.
    pub wrong: &'static str,
    /// `{word}` is no `{argument}`.
    pub wrong_without_example: &'static str,
    /// `{word}` is one too many.
    pub extra: &'static str,
    /// How the command is written: `{usage}`.
    pub usage: &'static str,
    /// The `{names}` that were perhaps meant.
    pub did_you_mean: &'static str,
    /// What stands around each of these names and between them.
    pub quotes: [&'static str; 3],
}

impl CommandTexts {
    /// What followers read unless a set says otherwise.
    pub const CHINESE: Self = Self {
        missing: "还缺少：{argument}",
        wrong: "{argument}「{word}」看不懂，请写 {example} 这样的",
        wrong_without_example: "{argument}「{word}」看不懂",
        extra: "「{word}」是多余的",
        usage: "用法：{usage}",
        did_you_mean: "您是不是想发{names}？",
        quotes: ["「", "」", "、"],
    };

    /// For those who read English.
    pub const ENGLISH: Self = Self {
        missing: "{argument} is missing",
        wrong: "\"{word}\" is no {argument}; write it like {example}",
        wrong_without_example: "\"{word}\" is no {argument}",
        extra: "\"{word}\" is one word too many",
        usage: "Usage: {usage}",
        did_you_mean: "Did you mean {names}?",
        quotes: ["\"", "\"", ", "],
    };
}

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
