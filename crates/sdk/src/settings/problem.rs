//! What is wrong with a file, shown with its line and without its secrets.

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

/// One thing that is wrong with `bot.toml`, and where.
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

    /// Shows the problem with its line and a caret below it, for a file called `name`.
    pub fn render(&self, name: &str, source: &str) -> String {
        let Some(span) = self.span.clone().filter(|span| span.start <= source.len()) else {
            return format!("{name}: {}", self.message);
        };
        let start = source[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = source[start..].lines().next().unwrap_or_default();
        let end = span.end.clamp(span.start, span.start.max(start + line.len()));
        let number = source[..start].matches('\n').count() + 1;
        let column = source[start..span.start].chars().count();
        let carets = "^".repeat(source[span.start..end].chars().count().max(1));
        let margin = " ".repeat(number.to_string().len());
        format!(
            "{name}:{number}:{}: {}\n{margin} |\n{number} | {}\n{margin} | {}{carets}",
            column + 1,
            self.message,
            without_secrets(line),
            " ".repeat(column),
        )
    }
}

/// A key, what is between, and a value: a text, an array, an inline table, or a bare word.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    let key = r#"([\w-]+)(["']?\s*[=:]\s*|\s+)"#;
    let text = r#""""(?:.*?"""|.*)|"(?:[^"\\]|\\.)*"?|'[^']*'?"#;
    let pattern = Regex::new(&format!(r"{key}({text}|[\[{{].*|[^\s,}}\]]+)"));
    pattern.expect("the pattern is right")
});

/// Who logs in where, in a URL.
static LOGIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(://)([^/@\s"']*)@"#).expect("the pattern is right"));

/// A line of the file with stars for the values of tokens, secrets and keys, and for who logs in
/// where in a URL.
pub(super) fn without_secrets(line: &str) -> String {
    let stars = |text: &str| "*".repeat(text.chars().count());
    let (mut shown, mut rest) = (String::new(), line);
    while let Some((found, [key, between, value])) = ASSIGNED.captures(rest).map(parts) {
        let meant = !between.trim().is_empty() || value.starts_with(['"', '\'']);
        let (before, behind) = rest.split_at(found.end() - value.len());
        shown.push_str(before);
        rest = behind;
        if meant && is_secret(key) {
            shown.push_str(&stars(value));
            rest = &rest[value.len()..];
        }
    }
    shown.push_str(rest);
    let stars = |found: &Captures<'_>| format!("://{}@", stars(&found[2]));
    LOGIN.replace_all(&shown, stars).into_owned()
}

fn parts(found: Captures<'_>) -> (Match<'_>, [&str; 3]) {
    (found.get_match(), found.extract().1)
}

/// Whether nobody else should see the value of this key, misspelt or not.
pub(super) fn is_secret(key: &str) -> bool {
    const WORDS: [&str; 5] = ["token", "secret", "passw", "_key", "api"];
    const KEYS: [&str; 5] =
        ["token", "previous_token", "encoding_aes_key", "previous_encoding_aes_key", "app_secret"];
    let key = key.to_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || nearest(&key, KEYS).is_some()
}

/// serde says what came, which is nobody's business where it is a secret.
pub(super) fn without_value(message: &str) -> String {
    match message.split_once(", expected ") {
        Some((start, expected)) if start.starts_with("invalid ") => {
            format!("not what it should be, expected {expected}")
        }
        _ => message.to_owned(),
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
