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

/// serde names what it knows in backticks: the nearest of them to what came is worth a hint.
pub(super) fn with_suggestion(message: &str) -> String {
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
