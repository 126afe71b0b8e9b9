//! What is left out of a table to read the rest of it.

use std::ops::Range;

use toml::Spanned;

use super::value::{Entries, Value};

/// What is left out around an error.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Depth {
    /// A key of the table, or a table of its list.
    Keys,
    /// As little as can be.
    Innermost,
}

/// What was left out of a table and of what is in it.
pub(super) struct LeftOut {
    depth: Depth,
    keys: Vec<String>,
    /// The tables that lack a key now.
    tables: Vec<Range<usize>>,
}

impl LeftOut {
    pub(super) fn of(depth: Depth) -> Self {
        Self { depth, keys: Vec::new(), tables: Vec::new() }
    }

    /// Whether an error only says that something is missing.
    pub(super) fn explains(&self, message: &str, span: &Range<usize>) -> bool {
        let is_missed = |key: &String| message == format!("missing field `{key}`");
        self.tables.contains(span) || self.keys.iter().any(is_missed)
    }

    /// A key was left out, of a table that has others.
    pub(super) fn note(&mut self, key: &str) {
        self.keys.push(key.to_owned());
    }

    /// Takes the innermost key around a place out of a table, if there is one.
    pub(super) fn take_inside(
        &mut self,
        table: &mut Entries,
        at: Range<usize>,
        span: &Range<usize>,
    ) -> bool {
        if self.depth == Depth::Keys {
            return false;
        }
        let around =
            table.iter().find(|(key, value)| covers(&key.span(), span) || is_around(value, span));
        let Some(key) = around.map(|(key, _)| key.get_ref().clone()) else { return false };
        let value = table.get_mut(key.as_str()).map(|value| (value.span(), value.get_mut()));
        let is_taken = match value {
            Some((at, Value::Table(inner))) => self.take_inside(inner, at, span),
            Some((_, Value::List(list))) => list.iter_mut().any(|item| {
                let at = item.span();
                match item.get_mut() {
                    Value::Table(inner) => self.take_inside(inner, at, span),
                    _ => false,
                }
            }),
            _ => false,
        };
        if !is_taken {
            table.remove(key.as_str());
            self.keys.push(key);
            self.tables.push(at);
        }
        true
    }
}

pub(super) fn covers(whole: &Range<usize>, part: &Range<usize>) -> bool {
    whole.start <= part.start && part.end <= whole.end
}

/// The place of a `[table]` is its heading alone, so what is in it is asked too.
pub(super) fn is_around(value: &Spanned<Value>, span: &Range<usize>) -> bool {
    let inside = match value.get_ref() {
        Value::Table(table) => {
            let mut entries = table.iter();
            entries.any(|(key, value)| covers(&key.span(), span) || is_around(value, span))
        }
        Value::List(list) => list.iter().any(|item| is_around(item, span)),
        Value::Text(_) | Value::Bare(_) => false,
    };
    inside || covers(&value.span(), span)
}
