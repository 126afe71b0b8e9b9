//! `when`: the one language that says which messages are meant.

pub mod set;
mod audience;
mod when;
mod hours;
mod conditions;
mod pattern;
mod texts;
mod groups;
mod names;

use std::sync::Arc;

use regex::Regex;

pub use self::audience::{Audience, AudienceSettings, Audiences};
use self::conditions::TextConditions;
pub use self::groups::Groups;
use self::hours::Hours;
pub use self::when::{MatcherError, When};
use self::when::{any, compile, glob, texts_of};
use crate::event::Event;
use crate::message::Message;
pub use crate::normalize::{keyword_of, normalize, pieces};
use crate::settings::OneOrMany;

/// What is matched: a message and where and when it came.
#[derive(Clone, Copy)]
pub struct Subject<'m> {
    /// The message.
    pub message: &'m Message,
    /// The account's id in `bot.toml`.
    pub account: &'m str,
    /// Unix seconds.
    pub now: u64,
    /// The tags that the follower has, where any audience asks for them.
    pub tags: &'m [String],
}

/// A [`When`] that was made ready.
#[derive(Debug, Clone)]
pub struct Matcher {
    when: When,
    text: TextConditions,
    accounts: Vec<Regex>,
    openids: Vec<Regex>,
    hours: Option<Hours>,
    /// The follower is in one of them, if there are any.
    audiences: Vec<Arc<Audience>>,
    not: Option<Box<Matcher>>,
    /// One of them holds, if there are any.
    any: Vec<Matcher>,
}

impl Matcher {
    /// Makes a `when` ready that names no audience; regular expressions are compiled once.
    pub fn new(when: When) -> Result<Self, MatcherError> {
        Self::with_audiences(when, &Audiences::default())
    }

    /// Makes a `when` ready that may name these audiences.
    pub fn with_audiences(when: When, audiences: &Audiences) -> Result<Self, MatcherError> {
        let inner = |name, when: &When| match when.is_empty() {
            true => Err(MatcherError::NoConditions(name)),
            false => Self::with_audiences(when.clone(), audiences),
        };
        let alternatives = when.any.as_deref();
        if alternatives.is_some_and(<[When]>::is_empty) {
            return Err(MatcherError::NoConditions("any"));
        }
        let alternatives = alternatives.unwrap_or_default().iter();
        Ok(Self {
            audiences: audiences.named(texts_of(&when.audience))?,
            not: when.not.as_deref().map(|not| inner("not", not).map(Box::new)).transpose()?,
            any: alternatives.map(|one| inner("any", one)).collect::<Result<_, _>>()?,
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

    /// The same for these audiences alone.
    #[must_use]
    pub fn only_for(self, audiences: Vec<Arc<Audience>>) -> Self {
        Self { audiences, ..self }
    }

    /// Whether every condition holds.
    pub fn holds(&self, subject: Subject<'_>) -> bool {
        let message = subject.message;
        self.is_kind(message)
            && self.is_event(message)
            && self.text.hold_for(message)
            && self.is_for(subject)
            && self.not.as_ref().is_none_or(|not| !not.holds(subject))
            && self.holds_for_any(|one| one.holds(subject))
    }

    /// Whether a message may answer a question that was asked before: `when` says how a dialog
    /// begins, so the words, or the event, are not asked for again.
    pub fn holds_for_answer(&self, subject: Subject<'_>) -> bool {
        let message = subject.message;
        let is_begun_by_event = |kinds: &OneOrMany| kinds.0.iter().all(|kind| kind == "event");
        let may_be = match message.event() {
            Some(_) => self.is_kind(message) && self.is_event(message),
            None => self.is_kind(message) || self.when.kind.as_ref().is_some_and(is_begun_by_event),
        };
        let excludes = |not: &Self| !not.speaks_of_words() && not.holds(subject);
        may_be
            && self.is_for(subject)
            && !self.not.as_deref().is_some_and(excludes)
            && self.holds_for_any(|one| one.holds_for_answer(subject))
    }

    /// Whether this follower is meant here and now, whatever the message is.
    pub fn holds_for_follower(&self, subject: Subject<'_>) -> bool {
        let excludes = |not: &Self| !not.has_content() && not.holds_for_follower(subject);
        self.is_for(subject)
            && !self.not.as_deref().is_some_and(excludes)
            && self.holds_for_any(|one| one.holds_for_follower(subject))
    }

    /// Whether it says which words or events are meant, not only whose.
    pub fn names_messages(&self) -> bool {
        let is_named = !self.text.is_empty() || self.names_events();
        is_named || (!self.any.is_empty() && self.any.iter().all(Self::names_messages))
    }

    /// Whether it is for everybody at any time, whatever they write.
    pub fn is_for_everybody(&self) -> bool {
        let When { account, openid, hours, audience, .. } = &self.when;
        account.is_none()
            && openid.is_none()
            && hours.is_none()
            && audience.is_none()
            && self.not.is_none()
            && self.any.is_empty()
    }

    fn is_for(&self, subject: Subject<'_>) -> bool {
        let openid = &subject.message.openid;
        any(&self.accounts, subject.account)
            && any(&self.openids, openid)
            && (self.audiences.is_empty()
                || self.audiences.iter().any(|one| one.has(openid, subject.tags)))
            && self.hours.is_none_or(|hours| hours.include(subject.now))
    }

    fn holds_for_any(&self, holds: impl Fn(&Self) -> bool) -> bool {
        self.any.is_empty() || self.any.iter().any(holds)
    }

    /// Whether it speaks of words, or of certain events.
    fn speaks_of_words(&self) -> bool {
        !self.text.is_empty() || self.names_events() || self.inner().any(Self::speaks_of_words)
    }

    /// Whether it speaks of what comes, not only from whom and when.
    fn has_content(&self) -> bool {
        self.speaks_of_words() || self.when.kind.is_some() || self.inner().any(Self::has_content)
    }

    fn inner(&self) -> impl Iterator<Item = &Self> {
        self.not.as_deref().into_iter().chain(&self.any)
    }

    /// Whether it can't be said who is meant without the followers' tags.
    pub fn asks_for_tags(&self) -> bool {
        self.audiences.iter().any(|one| one.asks_for_tags())
            || self.inner().any(Self::asks_for_tags)
    }

    /// The commands that are asked for, without their slash.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.text.command.iter().flatten().map(String::as_str)
    }

    /// The texts that `$0`, `$1`, … stand for, from the first regular expression that matches what
    /// was said. They are [normalised](normalize).
    pub fn captures<'m>(&self, message: &'m Message) -> Option<regex::Captures<'m>> {
        self.text.captures(message)
    }

    /// The same, to keep.
    pub fn groups(&self, message: &Message) -> Option<Groups> {
        self.text.groups(message)
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
        let mut names = names::unheard_of(&self.when);
        names.extend(self.inner().flat_map(Self::unheard_of));
        names
    }

    /// Whether it may hold for a text: neither events are named, nor other kinds alone.
    pub fn is_for_texts(&self) -> bool {
        !self.names_events() && is(&self.when.kind, Some("text"))
    }

    /// Whether it names events, or their keys.
    pub fn names_events(&self) -> bool {
        self.when.event.is_some() || self.when.key.is_some()
    }

    fn is_kind(&self, message: &Message) -> bool {
        is(&self.when.kind, Some(message.content.kind()))
    }

    fn is_event(&self, message: &Message) -> bool {
        is(&self.when.event, message.event().map(Event::name))
            && self.when.key.as_ref().is_none_or(|keys| {
                message.event_key().is_some_and(|key| keys.0.iter().any(|one| one == key))
            })
    }
}

/// Whether a value is one of these names, in any case; any value is where none are given.
fn is(names: &Option<OneOrMany>, value: Option<&str>) -> bool {
    let Some(names) = names else { return true };
    value.is_some_and(|value| names.0.iter().any(|name| name.eq_ignore_ascii_case(value)))
}

#[cfg(test)]
mod tests;
