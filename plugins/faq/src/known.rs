//! The vectors of wordings that were made so far.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_sdk::embeddings::Vector;
use wxbot_sdk::matcher::normalize;

use crate::entry::Entry;
use crate::index::all_wordings;
use crate::vectors::Vectors;

/// By their texts, normalised: a list that is read again keeps those of what did not change.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    vectors: HashMap<String, Vector>,
    /// What the store had turned out to be of another model.
    distrusts_kept: bool,
}

impl Known {
    /// Wordings that have none, each once.
    pub(crate) fn missing(&self, entries: &[Entry]) -> Vec<String> {
        let state = self.state();
        let mut seen = HashSet::new();
        let is_missing = |text: &String| {
            !text.trim().is_empty()
                && !state.vectors.contains_key(text)
                && seen.insert(text.clone())
        };
        texts(entries).map(|(_, text)| text).filter(is_missing).collect()
    }

    /// The rows of these entries, as far as they are known.
    pub(crate) fn vectors(&self, entries: &[Entry]) -> Vectors {
        let state = self.state();
        if state.vectors.is_empty() {
            return Vectors::default();
        }
        let known = |(entry, text)| Some((entry, state.vectors.get(&text)?.clone()));
        Vectors::new(texts(entries).filter_map(known))
    }

    pub(crate) fn add(&self, text: &str, vector: Vector) {
        self.state().vectors.insert(text.to_owned(), vector);
    }

    /// Leaves out what is in none of these entries.
    pub(crate) fn retain(&self, entries: &[Entry]) {
        let mut state = self.state();
        if !state.vectors.is_empty() {
            let texts: HashSet<_> = texts(entries).map(|(_, text)| text).collect();
            state.vectors.retain(|text, _| texts.contains(text));
        }
    }

    /// Forgets all, and those of the store.
    pub(crate) fn forget(&self) {
        *self.state() = State { vectors: HashMap::new(), distrusts_kept: true };
    }

    pub(crate) fn trusts_kept(&self) -> bool {
        !self.state().distrusts_kept
    }

    /// How many numbers each has; `None` where there is none.
    pub(crate) fn dimensions(&self) -> Option<usize> {
        self.state().vectors.values().next().map(|vector| vector.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All wordings, with the place of their entry.
fn texts(entries: &[Entry]) -> impl Iterator<Item = (u32, String)> {
    all_wordings(entries).map(|(entry, wording)| (entry, normalize(wording).into_owned()))
}
