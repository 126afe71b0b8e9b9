//! The conditions on text of many matchers: literals in one automaton, patterns in one set.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use regex::RegexSetBuilder;
use smallvec::SmallVec;

use super::conditions::{TextConditions, command_of};

/// Places of matchers that were found; there are seldom more than a few.
pub(super) type Found = SmallVec<[usize; 8]>;

/// Which matchers a text may satisfy: never too few, sometimes too many.
#[derive(Debug, Default)]
pub(super) struct Texts {
    exact: Literals,
    folded: Literals,
    patterns: Patterns,
}

impl Texts {
    /// Whether no matcher speaks of text.
    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.folded.is_empty() && self.patterns.places.is_empty()
    }

    /// Adds the places of the matchers that may hold for a normalised text.
    pub(super) fn find(&self, text: &str, places: &mut Found) {
        self.exact.find(text, places);
        if !self.folded.is_empty() {
            self.folded.find(&text.to_lowercase(), places);
        }
        self.patterns.find(text, places);
    }
}

/// The conditions on text that are to be filed.
#[derive(Debug, Default)]
pub(super) struct TextsBuilder {
    exact: Builder,
    folded: Builder,
    patterns: Vec<(String, usize)>,
}

impl TextsBuilder {
    /// Files a matcher under one of its conditions.
    pub(super) fn add(&mut self, conditions: &TextConditions, place: usize) {
        let TextConditions { full, prefix, suffix, contains, command, regexes, .. } = conditions;
        let literals = if conditions.ignore_case { &mut self.folded } else { &mut self.exact };
        if let Some(texts) = full {
            literals.whole.add(texts, place);
        } else if let Some(texts) = command {
            literals.commands.add(texts, place);
        } else if let Some(texts) = prefix.as_ref().or(suffix.as_ref()).or(contains.as_ref()) {
            literals.parts.extend(texts.iter().map(|text| (text.clone(), place)));
        } else {
            let patterns = regexes.iter().map(|regex| (regex.as_str().to_owned(), place));
            self.patterns.extend(patterns);
        }
    }

    pub(super) fn build(self) -> Texts {
        Texts {
            exact: self.exact.build(),
            folded: self.folded.build(),
            patterns: Patterns::new(self.patterns),
        }
    }
}

#[derive(Debug, Default)]
struct Builder {
    whole: Places,
    commands: Places,
    parts: Vec<(String, usize)>,
}

/// The matchers under each text.
#[derive(Debug, Default)]
struct Places(HashMap<String, Vec<usize>>);

impl Places {
    fn add(&mut self, texts: &[String], place: usize) {
        for text in texts {
            self.0.entry(text.clone()).or_default().push(place);
        }
    }

    fn of(&self, text: Option<&str>) -> impl Iterator<Item = usize> {
        text.and_then(|text| self.0.get(text)).into_iter().flatten().copied()
    }
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

#[derive(Debug, Default)]
struct Literals {
    whole: Places,
    commands: Places,
    parts: Option<AhoCorasick>,
    /// From the automaton's pattern to the matcher.
    part_places: Vec<usize>,
}

impl Literals {
    fn is_empty(&self) -> bool {
        self.whole.0.is_empty() && self.commands.0.is_empty() && self.parts.is_none()
    }

    fn find(&self, text: &str, places: &mut Found) {
        places.extend(self.whole.of(Some(text.trim())));
        places.extend(self.commands.of(command_of(text)));
        if let Some(parts) = &self.parts {
            let found = parts.find_overlapping_iter(text);
            places.extend(found.map(|found| self.part_places[found.pattern().as_usize()]));
        }
    }
}

/// Regular expressions, asked in one pass over the text.
#[derive(Debug, Default)]
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

    fn find(&self, text: &str, places: &mut Found) {
        match &self.set {
            _ if self.places.is_empty() => {}
            Some(set) => places.extend(set.matches(text).iter().map(|at| self.places[at])),
            None => places.extend_from_slice(&self.places),
        }
    }
}
