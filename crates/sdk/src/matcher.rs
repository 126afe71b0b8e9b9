//! `when`: the one language that says which messages are meant.

pub mod set;
mod conditions;
mod pattern;
mod texts;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use self::conditions::TextConditions;
use crate::event::Event;
use crate::message::{Content, Message};
pub use crate::normalize::{keyword_of, normalize};
use crate::settings::{OneOrMany, nearest};

/// `when = { … }`: every key that is given must hold; a list holds when one of its texts does.
///
/// `full`, `prefix`, `suffix`, `contains`, `regex` and `command` speak of text messages, and of voice
/// messages that WeChat put into words. Both these conditions and the words are
/// [normalised](normalize) first: full width, zero-width characters and the like make no difference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The kind of message: `text`, `image`, …, `event`.
    pub kind: Option<OneOrMany>,
    /// The event's name, in any case: `subscribe`, `CLICK`, …
    pub event: Option<OneOrMany>,
    /// The event's key, for a subscription by QR code the scene.
    pub key: Option<OneOrMany>,
    /// The text is this, blanks around it aside.
    pub full: Option<OneOrMany>,
    /// The text begins with this.
    pub prefix: Option<OneOrMany>,
    /// The text ends with this.
    pub suffix: Option<OneOrMany>,
    /// The text has this in it.
    pub contains: Option<OneOrMany>,
    /// The text matches this regular expression somewhere.
    pub regex: Option<OneOrMany>,
    /// The text's first word is this with a `/` before it: `help` means `/help me`.
    pub command: Option<OneOrMany>,
    /// The account's id; `*` and `?` stand for any characters and any one.
    pub account: Option<OneOrMany>,
    /// The follower's openid; `*` and `?` stand for any characters and any one.
    pub openid: Option<OneOrMany>,
    /// A part of the day in Beijing, `09:00-18:00`; `22:00-06:00` goes over midnight.
    pub hours: Option<String>,
    /// Whether `full`, `prefix`, `suffix`, `contains`, `regex` and `command` ignore case.
    pub ignore_case: bool,
    /// Whether they hold for what WeChat recognised of a voice message, too. Default: true.
    pub voice: Option<bool>,
}

/// What is matched: a message and where and when it came.
#[derive(Clone, Copy)]
pub struct Subject<'m> {
    /// The message.
    pub message: &'m Message,
    /// The account's id in `bot.toml`.
    pub account: &'m str,
    /// Unix seconds.
    pub now: u64,
}

/// Why a `when` can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// Not a regular expression.
    #[error("`{0}` is not a regular expression: {1}")]
    Regex(String, String),
    /// Not a part of the day.
    #[error("`{0}` is not a part of the day; write `09:00-18:00`")]
    Hours(String),
    /// A literal that every text has.
    #[error("`{0}` has an empty text, which every message has")]
    Empty(&'static str),
}

/// A [`When`] that was made ready.
#[derive(Debug, Clone)]
pub struct Matcher {
    when: When,
    text: TextConditions,
    accounts: Vec<Regex>,
    openids: Vec<Regex>,
    hours: Option<Hours>,
}

impl Matcher {
    /// Makes a `when` ready; regular expressions are compiled once.
    pub fn new(when: When) -> Result<Self, MatcherError> {
        Ok(Self {
            text: TextConditions::new(&when)?,
            accounts: compile(&when.account, glob)?,
            openids: compile(&when.openid, glob)?,
            hours: when.hours.as_deref().map(Hours::parse).transpose()?,
            when,
        })
    }

    /// What it was made from.
    pub fn when(&self) -> &When {
        &self.when
    }

    /// Whether every condition holds.
    pub fn holds(&self, subject: Subject<'_>) -> bool {
        self.holds_for_content(subject.message)
            && any(&self.accounts, subject.account)
            && any(&self.openids, &subject.message.openid)
            && self.hours.is_none_or(|hours| hours.include(subject.now))
    }

    /// The texts that `$0`, `$1`, … stand for, from the first regular expression that matches what
    /// was said. They are [normalised](normalize).
    pub fn captures<'m>(&self, message: &'m Message) -> Option<regex::Captures<'m>> {
        self.text.captures(message)
    }

    /// Whether `captures` can have a group of this number or name.
    pub fn has_group(&self, group: &str) -> bool {
        let number: Option<usize> = group.parse().ok();
        self.text.regexes.iter().any(|regex| match number {
            Some(number) => number < regex.captures_len(),
            None => regex.capture_names().flatten().any(|name| name == group),
        })
    }

    /// Names of kinds and events that WeChat's documents do not have, with the nearest that they
    /// do: perhaps new, probably misspelt.
    pub fn unheard_of(&self) -> Vec<String> {
        let unheard = |texts: &Option<OneOrMany>, known: &'static [&'static str]| {
            let odd = texts_of(texts)
                .iter()
                .filter(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name)));
            odd.map(|name| match nearest(name, known.iter().copied()) {
                Some(near) => format!("`{name}` (did you mean `{near}`?)"),
                None => format!("`{name}`"),
            })
            .collect::<Vec<_>>()
        };
        let mut names = unheard(&self.when.kind, &Content::KINDS);
        names.extend(unheard(&self.when.event, Event::NAMES));
        names
    }

    fn holds_for_content(&self, message: &Message) -> bool {
        let when = &self.when;
        let is = |texts: &Option<OneOrMany>, value: Option<&str>| match texts {
            Some(texts) => value
                .is_some_and(|value| texts.0.iter().any(|text| text.eq_ignore_ascii_case(value))),
            None => true,
        };
        is(&when.kind, Some(message.content.kind()))
            && is(&when.event, message.event().map(Event::name))
            && when.key.as_ref().is_none_or(|keys| {
                message.event_key().is_some_and(|key| keys.0.iter().any(|one| one == key))
            })
            && self.text.hold_for(message)
    }
}

fn texts_of(texts: &Option<OneOrMany>) -> &[String] {
    texts.as_ref().map_or(&[], |texts| &texts.0)
}

/// No pattern at all means anything.
fn any(patterns: &[Regex], text: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.is_match(text))
}

fn compile(
    texts: &Option<OneOrMany>,
    pattern: impl Fn(&str) -> String,
) -> Result<Vec<Regex>, MatcherError> {
    let compile = |text: &String| {
        Regex::new(&pattern(text)).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            MatcherError::Regex(text.clone(), reason.trim_start_matches("error: ").to_owned())
        })
    };
    texts_of(texts).iter().map(compile).collect()
}

fn glob(glob: &str) -> String {
    let pattern = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
    format!("(?s)^{pattern}$")
}

/// A part of the day, in minutes since midnight in Beijing, which has no summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hours {
    from: u64,
    to: u64,
}

impl Hours {
    fn parse(text: &str) -> Result<Self, MatcherError> {
        let minutes = |clock: &str| {
            let (hour, minute) = clock.trim().split_once(':')?;
            let (hour, minute) = (hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?);
            (hour * 60 + minute <= 24 * 60 && minute < 60).then_some(hour * 60 + minute)
        };
        let parts = text.split_once('-');
        parts
            .and_then(|(from, to)| Some(Self { from: minutes(from)?, to: minutes(to)? }))
            .ok_or_else(|| MatcherError::Hours(text.to_owned()))
    }

    fn include(self, now: u64) -> bool {
        let minute = (now / 60 + 8 * 60) % (24 * 60);
        let Self { from, to } = self;
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }
}

#[cfg(test)]
mod tests;
