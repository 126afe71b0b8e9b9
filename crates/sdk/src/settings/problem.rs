//! What is wrong with a file.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with `bot.toml`, and where. Who shows it hides what may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the file; `None` when it is about no place in it.
    pub span: Option<Range<usize>>,
    /// Lower-case, what came and what would have been right.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn at(span: Range<usize>, message: impl fmt::Display) -> Self {
        Self { span: Some(span), message: message.to_string() }
    }
}

/// What serde says, and what would have been right where that can be told from it.
pub(super) fn with_suggestion(message: &str) -> String {
    match cure_of_type(message) {
        Some(cure) => format!("{message}: {cure}"),
        None => with_near_name(message),
    }
}

/// Quotes where none belong, or none where they do.
fn cure_of_type(message: &str) -> Option<&'static str> {
    let (came, expected) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let quoted = came.strip_prefix("string ").map(|text| text.trim_matches('"'));
    let is_bare =
        ["integer ", "floating point ", "boolean "].iter().any(|kind| came.starts_with(kind));
    match (quoted, expected) {
        (Some("true" | "false"), "a boolean") => Some("write it without quotes"),
        (Some(text), "usize" | "u8" | "u16" | "u32" | "u64" | "i64" | "f64")
            if text.parse::<f64>().is_ok() =>
        {
            Some("write a number without quotes")
        }
        (None, "a string") if is_bare => Some("write it in quotes"),
        (None, "a sequence") if came == "map" => {
            Some("write a list, `[[…]]` for `[…]` or `[{ … }]` for `{ … }`")
        }
        (_, table) if table.starts_with("struct ") => Some("write a table, { KEY = VALUE }"),
        _ => None,
    }
}

/// serde names what it knows in backticks: the nearest of them to what came is worth a hint.
fn with_near_name(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let came = quoted.next().unwrap_or_default();
    let unknown = message.starts_with("unknown ");
    match nearest(came, quoted).filter(|_| unknown) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message.to_owned(),
    }
}

/// The name that was probably meant.
pub fn nearest<'n>(came: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let likeness = |name: &&str| strsim::damerau_levenshtein(&came.to_lowercase(), name);
    let near = known.into_iter().min_by_key(likeness)?;
    (likeness(&near) <= 1 + came.chars().count() / 4).then_some(near)
}
