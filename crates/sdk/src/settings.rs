//! Tables of `bot.toml` that remember where they stand, so that every error has its line.

mod problem;
mod left_out;
mod value;
mod values;

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

pub use problem::{Problem, nearest};
pub use value::{Entries, Value};
pub use values::{DurationText, OneOrMany, duration, optional_duration, parse_duration};

use left_out::{Depth, LeftOut, covers, is_around};
use problem::with_suggestion;

/// A table of the file, for example one `[chain.config]`. Two are equal when they say the same.
#[derive(Clone, Default)]
pub struct Settings {
    entries: Entries,
    span: Range<usize>,
}

impl Settings {
    /// A table and where it stands.
    pub fn new(entries: Entries, span: Range<usize>) -> Self {
        Self { entries, span }
    }

    /// A table that is not in the file.
    pub fn empty(span: Range<usize>) -> Self {
        Self::new(Entries::new(), span)
    }

    /// Reads a whole file: what of it can be read, and where it is not TOML.
    pub fn parse(text: &str) -> (Self, Vec<Problem>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let problem = |error: toml::de::Error| Problem {
            span: error.span(),
            message: error.message().to_owned(),
        };
        let settings = Self::new(value::read_entries(table.into_inner()), 0..0);
        (settings, errors.into_iter().map(problem).collect())
    }

    /// The keys and their values.
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// The same, to be changed.
    pub fn entries_mut(&mut self) -> &mut Entries {
        &mut self.entries
    }

    /// Where the table begins and ends.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where a key itself stands.
    fn span_of_key(&self, key: &str) -> Range<usize> {
        self.entries.get_key_value(key).map_or(self.span(), |(key, _)| key.span())
    }

    /// One problem for each key that is none of these, which is then left out.
    pub fn only(&mut self, known: &[&str]) -> Vec<Problem> {
        let keys: Vec<String> = self.entries.keys().map(|key| key.get_ref().clone()).collect();
        let unknown = keys.into_iter().filter(|key| !known.contains(&key.as_str()));
        let mut problem = |key: String| {
            let span = self.span_of_key(&key);
            self.entries.remove(key.as_str());
            let expected = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>();
            let message = format!("unknown field `{key}`, expected one of {}", expected.join(", "));
            Problem::at(span, with_suggestion(&message))
        };
        unknown.map(&mut problem).collect()
    }

    /// Takes a key out, whatever its type.
    pub fn take(&mut self, key: &str) -> Option<Spanned<Value>> {
        self.entries.remove(key)
    }

    /// Reads the table into `T`, or says all that is wrong with it.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Vec<Problem>> {
        match self.read_without(LeftOut::of(Depth::Innermost)) {
            (Some(value), problems) if problems.is_empty() => Ok(value),
            (_, problems) => Err(problems),
        }
    }

    /// What can be read when all that is wrong is left out, and what is wrong. A key of the table is
    /// left out with all that is in it, so that nothing else is made of the rest.
    pub fn read_rest<T: DeserializeOwned>(self) -> (Option<T>, Vec<Problem>) {
        self.read_without(LeftOut::of(Depth::Keys))
    }

    /// serde stops at the first error; so each key that is in the way is noted and left out, and
    /// the rest read again, until nothing is in the way. What a table lacks then is no error of its own.
    fn read_without<T: DeserializeOwned>(
        mut self,
        mut left_out: LeftOut,
    ) -> (Option<T>, Vec<Problem>) {
        let mut problems = Vec::new();
        loop {
            let error = match deserialize::<T>(&self.entries, self.span()) {
                Ok(value) => return (Some(value), problems),
                Err(error) => error,
            };
            let message = error.message().trim_end();
            let mut span = error.span().unwrap_or(self.span());
            let culprit = self.culprit::<T>(&mut span, message);
            if !left_out.explains(message, &span) {
                problems
                    .push(Problem { span: Some(span.clone()), message: with_suggestion(message) });
            }
            let Some((key, item)) = culprit else { return (None, problems) };
            self.leave_out(&key, item, &span, &mut left_out);
        }
    }

    /// The key around the place of an error, and which table of its list.
    ///
    /// An error in a table of a list may come with the place of the list: then each table is read
    /// alone, and the place is set to that of the first one with the error.
    fn culprit<T: DeserializeOwned>(
        &self,
        span: &mut Range<usize>,
        message: &str,
    ) -> Option<(String, Option<usize>)> {
        let mut entries = self.entries.iter();
        let (key, value) =
            entries.find(|(key, value)| covers(&key.span(), span) || is_around(value, span))?;
        let key = key.get_ref().clone();
        let Value::List(list) = value.get_ref() else { return Some((key, None)) };
        let item = match *span == value.span() {
            true => self.first_with::<T>(message, &key, value.span(), list),
            false => list.iter().position(|item| is_around(item, span)),
        };
        let item = item.filter(|place| list[*place].get_ref().as_table().is_some());
        if let Some(place) = item.filter(|_| *span == value.span()) {
            *span = list[place].span();
        }
        Some((key, item))
    }

    /// Which item of a list is the first to cause an error: each is read alone.
    fn first_with<T: DeserializeOwned>(
        &self,
        message: &str,
        key: &str,
        at: Range<usize>,
        list: &[Spanned<Value>],
    ) -> Option<usize> {
        let mut rest = self.entries.clone();
        rest.remove(key);
        let fails = |item: &Spanned<Value>| {
            let mut alone = rest.clone();
            let name = Spanned::new(at.clone(), key.to_owned());
            alone.insert(name, Spanned::new(at.clone(), Value::List(vec![item.clone()])));
            let read = deserialize::<T>(&alone, self.span());
            read.is_err_and(|error| error.message().trim_end() == message)
        };
        list.iter().position(fails)
    }

    /// Leaves out what is around a place and in this key, or in this table of its list: the innermost
    /// key, or else all of it.
    fn leave_out(
        &mut self,
        key: &str,
        item: Option<usize>,
        span: &Range<usize>,
        left_out: &mut LeftOut,
    ) {
        let value = self.entries.get_mut(key).map(|value| (value.span(), value.get_mut()));
        let whole = match (value, item) {
            (Some((at, Value::Table(table))), _) => !left_out.take_inside(table, at, span),
            (Some((_, Value::List(list))), Some(place)) => {
                let at = list[place].span();
                let inside = match list[place].get_mut() {
                    Value::Table(table) => left_out.take_inside(table, at, span),
                    _ => false,
                };
                if !inside && list.len() > 1 {
                    list.remove(place);
                    return left_out.note(key);
                }
                !inside
            }
            _ => true,
        };
        if whole {
            self.entries.remove(key);
            left_out.note(key);
        }
    }
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Settings {}

/// Its values may be secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys().map(Spanned::get_ref)).finish()
    }
}

fn deserialize<T: DeserializeOwned>(
    entries: &Entries,
    span: Range<usize>,
) -> Result<T, toml::de::Error> {
    let table = Spanned::new(span, DeValue::Table(value::as_toml(entries)));
    T::deserialize(ValueDeserializer::from(table))
}

#[cfg(test)]
mod tests;
