//! A table of the file that was read, and remembers what it was read from.

use std::fmt;
use std::ops::{Deref, DerefMut, Range};

use wxbot_sdk::settings::{Entries, Settings};

/// A section, an `[[account]]` or a `[[chain]]` entry: what it means, what is written, and where.
///
/// Two are equal when the same is written in them.
#[derive(Clone, Default)]
pub struct Table<T> {
    meaning: T,
    written: Settings,
}

impl<T> Table<T> {
    pub(super) fn new(meaning: T, written: Settings) -> Self {
        Self { meaning, written }
    }

    /// Where its heading stands; `None` when it was left out.
    pub fn place(&self) -> Option<Range<usize>> {
        Some(self.written.span()).filter(|span| !span.is_empty())
    }

    /// Where the value of a key stands, or else the table.
    pub fn place_of(&self, key: &str) -> Option<Range<usize>> {
        self.written.entries().get(key).map(|value| value.span()).or(self.place())
    }

    /// Whether the key is there, with whatever value.
    pub fn has(&self, key: &str) -> bool {
        self.written.entries().contains_key(key)
    }

    /// The table of a key, if it is one.
    pub(super) fn table_at(&self, key: &str) -> Option<&Entries> {
        self.entries().get(key)?.get_ref().as_table()
    }

    /// What is written.
    pub(super) fn entries(&self) -> &Entries {
        self.written.entries()
    }
}

impl<T> Deref for Table<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.meaning
    }
}

impl<T> DerefMut for Table<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.meaning
    }
}

impl<T> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl<T: fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meaning.fmt(f)
    }
}
