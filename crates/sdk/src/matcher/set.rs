//! Many matchers at once: what it costs hardly depends on how many there are.

use std::borrow::Cow;
use std::collections::HashMap;

use super::texts::{Found, Texts, TextsBuilder};
use super::when::is_exact;
use super::{Matcher, Subject, texts_of};
use crate::settings::OneOrMany;

/// Matchers in an order, with an index over them.
///
/// Each matcher is filed under the one condition that is likeliest to rule it out, or under one of
/// each of its alternatives; a message looks up what it is, and only the matchers found there are
/// checked whole.
#[derive(Debug)]
pub struct MatcherSet {
    matchers: Vec<Matcher>,
    always: Vec<usize>,
    texts: Texts,
    events: HashMap<String, Vec<usize>>,
    event_keys: HashMap<String, Vec<usize>>,
    kinds: HashMap<String, Vec<usize>>,
    openids: HashMap<String, Vec<usize>>,
    accounts: HashMap<String, Vec<usize>>,
}

impl MatcherSet {
    /// Files the matchers; their places in the list are what comes back.
    pub fn new(matchers: Vec<Matcher>) -> Self {
        let mut texts = TextsBuilder::default();
        let mut set = Self {
            always: Vec::new(),
            texts: Texts::default(),
            events: HashMap::new(),
            event_keys: HashMap::new(),
            kinds: HashMap::new(),
            openids: HashMap::new(),
            accounts: HashMap::new(),
            matchers: Vec::new(),
        };
        for (place, matcher) in matchers.iter().enumerate() {
            set.file(place, matcher, &mut texts);
        }
        set.texts = texts.build();
        set.matchers = matchers;
        set
    }

    /// The matcher at a place.
    pub fn get(&self, place: usize) -> &Matcher {
        &self.matchers[place]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.matchers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.matchers.is_empty()
    }

    /// The places of all that hold, in order.
    pub fn all(&self, subject: Subject<'_>) -> impl Iterator<Item = usize> + use<> {
        let mut places = self.candidates(subject);
        places.retain(|place| self.matchers[*place].holds(subject));
        places.into_iter()
    }

    /// The place of the first that holds.
    pub fn first(&self, subject: Subject<'_>) -> Option<usize> {
        let mut candidates = self.candidates(subject).into_iter();
        candidates.find(|place| self.matchers[*place].holds(subject))
    }

    fn file(&mut self, place: usize, matcher: &Matcher, texts: &mut TextsBuilder) {
        let when = matcher.when();
        let alternatives_rule_out = !matcher.any.is_empty() && matcher.any.iter().all(rules_out);
        if !matcher.text.is_empty() {
            texts.add(&matcher.text, place);
        } else if when.key.is_some() {
            add(&mut self.event_keys, texts_of(&when.key), place);
        } else if when.event.is_some() {
            add(&mut self.events, &lower(&when.event), place);
        } else if let Some(openids) = exact_openids(matcher) {
            add(&mut self.openids, &openids, place);
        } else if alternatives_rule_out {
            matcher.any.iter().for_each(|one| self.file(place, one, texts));
        } else if when.kind.is_some() {
            add(&mut self.kinds, &lower(&when.kind), place);
        } else if let Some(accounts) = exact(&when.account) {
            add(&mut self.accounts, accounts, place);
        } else {
            self.always.push(place);
        }
    }

    pub(super) fn candidates(&self, subject: Subject<'_>) -> Found {
        let message = subject.message;
        let mut places = Found::from_slice(&self.always);
        look_up(&self.event_keys, &mut places, || message.event_key().map(Cow::from));
        look_up(&self.events, &mut places, || {
            message.event().map(|event| event.name().to_ascii_lowercase().into())
        });
        look_up(&self.kinds, &mut places, || {
            Some(message.content.kind().to_ascii_lowercase().into())
        });
        look_up(&self.openids, &mut places, || Some(message.openid.as_str().into()));
        look_up(&self.accounts, &mut places, || Some(subject.account.into()));
        if !self.texts.is_empty()
            && let Some(text) = message.normalized()
        {
            self.texts.find(text, &mut places);
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// Whether most messages can't satisfy it, which shows without asking it.
fn rules_out(matcher: &Matcher) -> bool {
    let when = matcher.when();
    !matcher.text.is_empty()
        || when.key.is_some()
        || when.event.is_some()
        || when.kind.is_some()
        || exact_openids(matcher).is_some()
        || exact(&when.account).is_some()
        || (!matcher.any.is_empty() && matcher.any.iter().all(rules_out))
}

/// The followers that it is for, where they can be listed.
fn exact_openids(matcher: &Matcher) -> Option<Vec<String>> {
    if let Some(openids) = exact(&matcher.when().openid) {
        return Some(openids.to_vec());
    }
    let openids: Option<Vec<_>> = matcher.audiences.iter().map(|one| one.openids()).collect();
    let openids = openids.filter(|audiences| !audiences.is_empty())?;
    Some(openids.into_iter().flatten().cloned().collect())
}

fn exact(texts: &Option<OneOrMany>) -> Option<&[String]> {
    texts.as_ref().map(|texts| &*texts.0).filter(|texts| texts.iter().all(|text| is_exact(text)))
}

fn lower(texts: &Option<OneOrMany>) -> Vec<String> {
    texts_of(texts).iter().map(|text| text.to_ascii_lowercase()).collect()
}

fn add(drawer: &mut HashMap<String, Vec<usize>>, names: &[String], place: usize) {
    for name in names {
        drawer.entry(name.clone()).or_default().push(place);
    }
}

fn look_up<'n>(
    drawer: &HashMap<String, Vec<usize>>,
    places: &mut Found,
    name: impl FnOnce() -> Option<Cow<'n, str>>,
) {
    if drawer.is_empty() {
        return;
    }
    let found = name().and_then(|name| drawer.get(&*name));
    places.extend(found.into_iter().flatten().copied());
}
