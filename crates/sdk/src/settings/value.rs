//! What stands in a file: values, each with its place, which own what they say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys of a table, and their values.
pub type Entries = BTreeMap<Spanned<String>, Spanned<Value>>;

/// A value. Two are equal when they say the same, wherever they stand.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, without its quotes.
    Text(String),
    /// A number, a boolean or a date, as TOML writes it.
    Bare(String),
    /// A list.
    List(Vec<Spanned<Value>>),
    /// A table.
    Table(Entries),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Entries> {
        match self {
            Self::Table(entries) => Some(entries),
            _ => None,
        }
    }

    fn read(value: DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.into_owned()),
            DeValue::Integer(number) => Self::Bare(number.to_string()),
            DeValue::Float(number) => Self::Bare(number.to_string()),
            DeValue::Boolean(yes) => Self::Bare(yes.to_string()),
            DeValue::Datetime(date) => Self::Bare(date.to_string()),
            DeValue::Array(items) => Self::List(items.into_iter().map(spanned).collect()),
            DeValue::Table(table) => Self::Table(read_entries(table)),
        }
    }

    /// As the parser gives it.
    fn as_toml(&self) -> DeValue<'_> {
        match self {
            Self::Text(text) => DeValue::String(Cow::Borrowed(text)),
            Self::Bare(text) => match DeValue::parse(text) {
                Ok(value) => value.into_inner(),
                Err(_) => DeValue::String(Cow::Borrowed(text)),
            },
            Self::List(items) => {
                let items =
                    items.iter().map(|item| Spanned::new(item.span(), item.get_ref().as_toml()));
                DeValue::Array(items.collect())
            }
            Self::Table(entries) => DeValue::Table(as_toml(entries)),
        }
    }
}

fn spanned(value: Spanned<DeValue<'_>>) -> Spanned<Value> {
    let span = value.span();
    Spanned::new(span, Value::read(value.into_inner()))
}

/// The entries of a table that the parser gave.
pub(super) fn read_entries(table: DeTable<'_>) -> Entries {
    let entries = table.into_iter().map(|(key, value)| {
        let name = Spanned::new(key.span(), key.into_inner().into_owned());
        (name, spanned(value))
    });
    entries.collect()
}

/// The table as the parser gives it.
pub(super) fn as_toml(entries: &Entries) -> DeTable<'_> {
    let mut table = DeTable::new();
    for (key, value) in entries {
        let name = Spanned::new(key.span(), Cow::Borrowed(key.get_ref().as_str()));
        table.insert(name, Spanned::new(value.span(), value.get_ref().as_toml()));
    }
    table
}
