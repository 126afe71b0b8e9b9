//! Many matchers at once: what it costs hardly depends on how many there are.

use std::borrow::Cow;
use std::collections::HashMap;

use super::texts::Found;
use super::texts::Texts;
use super::{Matcher, Subject, texts_of};

/// Matchers in an order, with an index over them.
///
/// Each matcher is filed under the one condition that is likeliest to rule it out; a message looks
/// up what it is, and only the matchers found there are checked whole.
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
        let mut set = Self {
            always: Vec::new(),
            texts: Texts::new(&matchers),
            events: HashMap::new(),
            event_keys: HashMap::new(),
            kinds: HashMap::new(),
            openids: HashMap::new(),
            accounts: HashMap::new(),
            matchers: Vec::new(),
        };
        for (place, matcher) in matchers.iter().enumerate() {
            set.file(place, matcher);
        }
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

    fn file(&mut self, place: usize, matcher: &Matcher) {
        let when = matcher.when();
        let exact = |texts: &[String]| texts.iter().all(|text| !text.contains(['*', '?']));
        let (drawer, names) = if !matcher.text.is_empty() {
            return; // `Texts` has it
        } else if when.key.is_some() {
            (&mut self.event_keys, texts_of(&when.key))
        } else if when.event.is_some() {
            (&mut self.events, texts_of(&when.event))
        } else if when.openid.is_some() && exact(texts_of(&when.openid)) {
            (&mut self.openids, texts_of(&when.openid))
        } else if when.kind.is_some() {
            (&mut self.kinds, texts_of(&when.kind))
        } else if when.account.is_some() && exact(texts_of(&when.account)) {
            (&mut self.accounts, texts_of(&when.account))
        } else {
            return self.always.push(place);
        };
        let fold = when.key.is_none() && (when.event.is_some() || when.kind.is_some());
        for name in names {
            let name = if fold { name.to_ascii_lowercase() } else { name.clone() };
            drawer.entry(name).or_default().push(place);
        }
    }

    fn candidates(&self, subject: Subject<'_>) -> Found {
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
