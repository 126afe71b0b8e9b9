//! `when`: the one language that says which messages are meant.

pub mod set;
mod when;
mod conditions;
mod pattern;
mod texts;

use regex::Regex;

use self::conditions::TextConditions;
pub use self::when::{MatcherError, When};
use self::when::{any, compile, texts_of};
use crate::event::Event;
use crate::message::{Content, Message};
pub use crate::normalize::{keyword_of, normalize, pieces};
use crate::settings::{OneOrMany, nearest};

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
        self.text.hold_for(subject.message) && self.holds_whatever_is_said(subject)
    }

    /// Whether every condition holds but those on what is said in words.
    pub fn holds_whatever_is_said(&self, subject: Subject<'_>) -> bool {
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
    }
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
