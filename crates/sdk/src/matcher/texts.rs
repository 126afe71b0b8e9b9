//! The conditions on text of many matchers: literals in one automaton, patterns in one set.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use regex::RegexSetBuilder;
use smallvec::SmallVec;

use super::{Matcher, command_of, texts_of};

/// Places of matchers in their set; there are seldom more than a few.
pub(super) type Places = SmallVec<[usize; 8]>;

/// Which matchers a text may satisfy: never too few, sometimes too many.
#[derive(Debug)]
pub(super) struct Texts {
    exact: Literals,
    folded: Literals,
    patterns: Patterns,
}

impl Texts {
    /// Files every matcher that speaks of text, under one of its conditions.
    pub(super) fn new(matchers: &[Matcher]) -> Self {
        let (mut exact, mut folded) = (Builder::default(), Builder::default());
        let mut patterns = Vec::new();
        for (place, matcher) in matchers.iter().enumerate() {
            let when = matcher.when();
            let literals = if when.ignore_case { &mut folded } else { &mut exact };
            let fold = |text: &str| match when.ignore_case {
                true => text.to_lowercase(),
                false => text.to_owned(),
            };
            let drawer = if when.full.is_some() {
                (&mut literals.whole, texts_of(&when.full))
            } else if when.command.is_some() {
                (&mut literals.commands, texts_of(&when.command))
            } else {
                let parts = [&when.prefix, &when.suffix, &when.contains];
                if let Some(texts) = parts.into_iter().find(|texts| texts.is_some()) {
                    literals.parts.extend(texts_of(texts).iter().map(|text| (fold(text), place)));
                } else {
                    let regexes = matcher.regexes.iter();
                    patterns.extend(regexes.map(|regex| (regex.as_str().to_owned(), place)));
                }
                continue;
            };
            for text in drawer.1 {
                drawer.0.entry(fold(text.trim())).or_default().push(place);
            }
        }
        Self { exact: exact.build(), folded: folded.build(), patterns: Patterns::new(patterns) }
    }

    /// Adds the places of the matchers that may hold.
    pub(super) fn find(&self, text: &str, places: &mut Places) {
        self.exact.find(text, places);
        if !self.folded.is_empty() {
            self.folded.find(&text.to_lowercase(), places);
        }
        self.patterns.find(text, places);
    }
}

#[derive(Default)]
struct Builder {
    whole: HashMap<String, Vec<usize>>,
    commands: HashMap<String, Vec<usize>>,
    parts: Vec<(String, usize)>,
}

impl Builder {
    fn build(self) -> Literals {
        let (texts, part_places): (Vec<_>, Vec<_>) = self.parts.into_iter().unzip();
        let parts = (!texts.is_empty()).then(|| {
            AhoCorasick::new(&texts).expect("an automaton of a file's size is within its limits")
        });
        Literals { whole: self.whole, commands: self.commands, parts, part_places }
    }
}

#[derive(Debug)]
struct Literals {
    whole: HashMap<String, Vec<usize>>,
    commands: HashMap<String, Vec<usize>>,
    parts: Option<AhoCorasick>,
    /// From the automaton's pattern to the matcher.
    part_places: Vec<usize>,
}

impl Literals {
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.commands.is_empty() && self.parts.is_none()
    }

    fn find(&self, text: &str, places: &mut Places) {
        if !self.whole.is_empty() {
            places.extend(self.whole.get(text.trim()).into_iter().flatten().copied());
        }
        if !self.commands.is_empty() {
            let found = command_of(text).and_then(|command| self.commands.get(command));
            places.extend(found.into_iter().flatten().copied());
        }
        if let Some(parts) = &self.parts {
            let found = parts.find_overlapping_iter(text);
            places.extend(found.map(|found| self.part_places[found.pattern().as_usize()]));
        }
    }
}

/// Regular expressions, asked in one pass over the text.
#[derive(Debug)]
struct Patterns {
    set: Option<regex::RegexSet>,
    places: Vec<usize>,
}

impl Patterns {
    /// Each pattern compiled alone already; together they may be too large for one set, and are
    /// then all candidates.
    fn new(patterns: Vec<(String, usize)>) -> Self {
        let (patterns, places): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        let set = RegexSetBuilder::new(&patterns).size_limit(64 << 20).build().ok();
        Self { set, places }
    }

    fn find(&self, text: &str, places: &mut Places) {
        match &self.set {
            _ if self.places.is_empty() => {}
            Some(set) => places.extend(set.matches(text).iter().map(|at| self.places[at])),
            None => places.extend_from_slice(&self.places),
        }
    }
}
