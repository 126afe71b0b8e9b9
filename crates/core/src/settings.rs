//! Tables of `bot.toml` that remember where they stand, so that every error has its line.

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;
use std::time::Duration;

use regex::{Captures, Match, Regex};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

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
fn without_secrets(line: &str) -> String {
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
fn is_secret(key: &str) -> bool {
    const WORDS: [&str; 5] = ["token", "secret", "passw", "_key", "api"];
    const KEYS: [&str; 5] =
        ["token", "previous_token", "encoding_aes_key", "previous_encoding_aes_key", "app_secret"];
    let key = key.to_lowercase();
    WORDS.iter().any(|word| key.contains(word)) || nearest(&key, KEYS).is_some()
}

/// A table of the file, for example one `[chain.config]`.
#[derive(Debug, Clone)]
pub struct Settings<'t> {
    table: DeTable<'t>,
    span: Range<usize>,
}

impl<'t> Settings<'t> {
    /// A table and where it stands.
    pub fn new(table: DeTable<'t>, span: Range<usize>) -> Self {
        Self { table, span }
    }

    /// A table that is not in the file.
    pub fn empty(span: Range<usize>) -> Self {
        Self::new(DeTable::new(), span)
    }

    /// Where the table begins and ends.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where the value of a key stands; the table's own place when it is not there.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or(self.span(), |value| value.span())
    }

    /// Where a key itself stands.
    fn span_of_key(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or(self.span(), |(key, _)| key.span())
    }

    /// One problem for each key that is none of these, which is then left out.
    pub fn only(&mut self, known: &[&str]) -> Vec<Problem> {
        let keys: Vec<String> = self.table.keys().map(|key| key.get_ref().to_string()).collect();
        let unknown = keys.into_iter().filter(|key| !known.contains(&key.as_str()));
        let mut problem = |key: String| {
            let span = self.span_of_key(&key);
            self.table.remove(key.as_str());
            let expected = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>();
            let message = format!("unknown field `{key}`, expected one of {}", expected.join(", "));
            Problem::at(span, with_suggestion(&message))
        };
        unknown.map(&mut problem).collect()
    }

    /// Takes a key out, whatever its type.
    pub fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        self.table.remove(key)
    }

    /// Reads the table into `T`, or says all that is wrong with it.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Vec<Problem>> {
        match self.read_rest() {
            (Some(value), problems) if problems.is_empty() => Ok(value),
            (_, problems) => Err(problems),
        }
    }

    /// What can be read when all that is wrong is left out, and what is wrong.
    ///
    /// serde stops at the first error; so each key that is in the way is noted and left out, and
    /// the rest read again, until nothing is in the way.
    pub fn read_rest<T: DeserializeOwned>(mut self) -> (Option<T>, Vec<Problem>) {
        let (mut problems, mut left_out) = (Vec::new(), Vec::new());
        loop {
            let table = Spanned::new(self.span(), DeValue::Table(self.table.clone()));
            let error = match T::deserialize(ValueDeserializer::from(table)) {
                Ok(value) => return (Some(value), problems),
                Err(error) => error,
            };
            let message = error.message().trim_end();
            let mut span = error.span().unwrap_or(self.span());
            let culprit = self.culprit::<T>(&mut span, message);
            let missed = |key: &String| message == format!("missing field `{key}`");
            if !left_out.iter().any(missed) {
                let message = match &culprit {
                    Some((key, _)) if is_secret(key) => without_value(message),
                    _ => message.to_owned(),
                };
                problems.push(Problem { span: Some(span), message: with_suggestion(&message) });
            }
            let Some((key, item)) = culprit else { return (None, problems) };
            self.leave_out(&key, item);
            left_out.push(key);
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
        let mut entries = self.table.iter();
        let (key, value) =
            entries.find(|(key, value)| covers(&key.span(), span) || is_around(value, span))?;
        let key = key.get_ref().to_string();
        let DeValue::Array(list) = value.get_ref() else { return Some((key, None)) };
        let item = match *span == value.span() {
            true => self.first_with::<T>(message, &key, value.span(), list),
            false => list.iter().position(|item| is_around(item, span)),
        };
        let item = item.filter(|place| list[*place].get_ref().is_table());
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
        list: &DeArray<'t>,
    ) -> Option<usize> {
        let mut rest = self.table.clone();
        rest.remove(key);
        let fails = |item: &Spanned<DeValue<'t>>| {
            let mut alone = rest.clone();
            let list = DeValue::Array(std::iter::once(item.clone()).collect());
            let name = Spanned::new(at.clone(), key.to_owned().into());
            alone.insert(name, Spanned::new(at.clone(), list));
            let table = Spanned::new(self.span(), DeValue::Table(alone));
            let read = T::deserialize(ValueDeserializer::from(table));
            read.is_err_and(|error| error.message().trim_end() == message)
        };
        list.iter().position(fails)
    }

    /// Leaves out a key, or one table of its list.
    fn leave_out(&mut self, key: &str, item: Option<usize>) {
        let list = match self.table.get_mut(key).map(Spanned::get_mut) {
            Some(DeValue::Array(list)) if list.len() > 1 => Some(list),
            _ => None,
        };
        match (list, item) {
            (Some(list), Some(place)) => {
                let others = list.iter().enumerate().filter(|(other, _)| *other != place);
                *list = others.map(|(_, item)| item.clone()).collect();
            }
            _ => drop(self.table.remove(key)),
        }
    }
}

fn covers(whole: &Range<usize>, part: &Range<usize>) -> bool {
    whole.start <= part.start && part.end <= whole.end
}

/// The place of a `[table]` is its heading alone, so what is in it is asked too.
fn is_around(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    let inside = match value.get_ref() {
        DeValue::Table(table) => {
            let mut entries = table.iter();
            entries.any(|(key, value)| covers(&key.span(), span) || is_around(value, span))
        }
        DeValue::Array(list) => list.iter().any(|item| is_around(item, span)),
        _ => false,
    };
    inside || covers(&value.span(), span)
}

/// serde says what came, which is nobody's business where it is a secret.
fn without_value(message: &str) -> String {
    match message.split_once(", expected ") {
        Some((start, expected)) if start.starts_with("invalid ") => {
            format!("not what it should be, expected {expected}")
        }
        _ => message.to_owned(),
    }
}

/// serde names what it knows in backticks: the nearest of them to what came is worth a hint.
fn with_suggestion(message: &str) -> String {
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

/// Reads durations such as `"4.5s"`, `"1500ms"`, `"2m"`, for `#[serde(with = "duration")]`.
pub mod duration {
    use serde::Serializer;
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Duration, parse_duration};

    /// As a field of a plugin's `Config`.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse_duration(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    /// For the defaults in a schema.
    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{}s", duration.as_secs_f64()))
    }
}

/// `"4.5s"`, `"1500ms"`, `"2m"`, `"1h"`, `"1d"`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is not a duration; write `1500ms`, `4.5s`, `2m`, `1h` or `1d`");
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return Err(wrong()),
    };
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

/// One text or a list of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl schemars::JsonSchema for OneOrMany {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
        })
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Texts;

        impl<'de> serde::de::Visitor<'de> for Texts {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<OneOrMany, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                match texts.is_empty() {
                    true => Err(A::Error::custom("an empty list never matches; leave it out")),
                    false => Ok(OneOrMany(texts)),
                }
            }
        }

        from.deserialize_any(Texts)
    }
}
