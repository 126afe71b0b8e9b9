//! Conditions on text, made ready: they are normalised as the texts are that they look at.

use std::borrow::Cow;

use regex::{Captures, Regex};

use super::groups::Groups;
use super::pattern;
use super::when::{MatcherError, When, any, compile};
use crate::message::Message;
use crate::normalize::normalize;
use crate::settings::OneOrMany;

/// `full`, `prefix`, `suffix`, `contains`, `regex` and `command` of a [`When`], normalised, and in
/// lower case where case is ignored.
#[derive(Debug, Clone)]
pub(super) struct TextConditions {
    /// Without blanks around it.
    pub(super) full: Option<Vec<String>>,
    pub(super) prefix: Option<Vec<String>>,
    pub(super) suffix: Option<Vec<String>>,
    pub(super) contains: Option<Vec<String>>,
    /// Without blanks around it.
    pub(super) command: Option<Vec<String>>,
    pub(super) regexes: Vec<Regex>,
    pub(super) ignore_case: bool,
    /// Whether they look at what was said by voice.
    hear_voice: bool,
}

impl TextConditions {
    pub(super) fn new(when: &When) -> Result<Self, MatcherError> {
        let ignore_case = when.ignore_case;
        let literals = |name, texts| literals(name, texts, ignore_case);
        let trimmed = |name, texts| Ok(literals(name, texts)?.map(trimmed));
        let flag = if ignore_case { "(?i)" } else { "" };
        Ok(Self {
            full: trimmed("full", &when.full)?,
            prefix: literals("prefix", &when.prefix)?,
            suffix: literals("suffix", &when.suffix)?,
            contains: literals("contains", &when.contains)?,
            command: trimmed("command", &when.command)?,
            regexes: compile(&when.regex, |regex| format!("{flag}{}", pattern::normalize(regex)))?,
            ignore_case,
            hear_voice: when.voice.unwrap_or(true),
        })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        let literals = [&self.full, &self.prefix, &self.suffix, &self.contains, &self.command];
        literals.into_iter().all(Option::is_none) && self.regexes.is_empty()
    }

    /// Whether all of them hold for what was said.
    pub(super) fn hold_for(&self, message: &Message) -> bool {
        self.is_empty() || self.words_of(message).is_some_and(|words| self.hold_for_words(words))
    }

    /// What the first regular expression that matches caught.
    pub(super) fn captures<'m>(&self, message: &'m Message) -> Option<Captures<'m>> {
        let words = self.words_of(message)?;
        self.regexes.iter().find_map(|regex| regex.captures(words))
    }

    /// The same, with the names of the groups.
    pub(super) fn groups(&self, message: &Message) -> Option<Groups> {
        let words = self.words_of(message)?;
        self.regexes.iter().find_map(|regex| Groups::of(regex, words))
    }

    fn words_of<'m>(&self, message: &'m Message) -> Option<&'m str> {
        message.normalized().filter(|_| self.hear_voice || message.text().is_some())
    }

    fn hold_for_words(&self, text: &str) -> bool {
        let folded = if self.ignore_case { text.to_lowercase().into() } else { Cow::from(text) };
        let literal = |texts: &Option<Vec<String>>, test: fn(&str, &str) -> bool| {
            texts.as_ref().is_none_or(|texts| texts.iter().any(|one| test(&folded, one)))
        };
        literal(&self.full, |text, one| text.trim() == one)
            && literal(&self.prefix, |text, one| text.starts_with(one))
            && literal(&self.suffix, |text, one| text.ends_with(one))
            && literal(&self.contains, |text, one| text.contains(one))
            && literal(&self.command, |text, one| command_of(text) == Some(one))
            && any(&self.regexes, text)
    }
}

fn literals(
    name: &'static str,
    texts: &Option<OneOrMany>,
    ignore_case: bool,
) -> Result<Option<Vec<String>>, MatcherError> {
    let literal = |text: &String| match &*normalize(text) {
        "" => Err(MatcherError::Empty(name)),
        normal if ignore_case => Ok(normal.to_lowercase()),
        normal => Ok(normal.to_owned()),
    };
    texts.as_ref().map(|texts| texts.0.iter().map(literal).collect()).transpose()
}

fn trimmed(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.trim().to_owned()).collect()
}

/// The first word of a normalised text without the slash before it.
pub(super) fn command_of(text: &str) -> Option<&str> {
    let command = text.trim_start().strip_prefix('/')?;
    command.split_whitespace().next().filter(|_| !command.starts_with(char::is_whitespace))
}
