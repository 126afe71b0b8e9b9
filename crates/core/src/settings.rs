//! Tables of `bot.toml` that remember where they stand, so that every error has its line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use regex::{Captures, Regex};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

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

/// A line of the file with stars for the values of tokens, secrets and keys.
fn without_secrets(line: &str) -> Cow<'_, str> {
    let secret = Regex::new(r#"((?:token|secret|aes_key)\s*=\s*)("[^"]*"?|'[^']*'?|\S+)"#);
    let secret = secret.expect("the pattern is right");
    secret.replace_all(line, |found: &Captures<'_>| {
        format!("{}{}", &found[1], "*".repeat(found[2].chars().count()))
    })
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

    /// Reads the table into `T`.
    ///
    /// serde stops at the first error; so each key that is in the way is noted and left out, and
    /// the rest read again, until nothing is in the way. `T` comes back only when nothing was.
    pub fn read<T: DeserializeOwned>(mut self) -> Result<T, Vec<Problem>> {
        let mut problems = Vec::new();
        loop {
            let table = Spanned::new(self.span(), DeValue::Table(self.table.clone()));
            let error = match T::deserialize(ValueDeserializer::from(table)) {
                Ok(value) if problems.is_empty() => return Ok(value),
                Ok(_) => return Err(problems),
                Err(error) => error,
            };
            let span = error.span().unwrap_or(self.span());
            let culprit = self.key_around(&span);
            let message = with_suggestion(error.message().trim_end());
            let missing = culprit.is_none();
            let known = problems.iter().any(|problem: &Problem| problem.message == message);
            if !(missing && known) {
                problems.push(Problem { span: Some(span), message });
            }
            match culprit {
                Some(key) => self.table.remove(key.as_str()),
                None => return Err(problems),
            };
        }
    }

    fn key_around(&self, span: &Range<usize>) -> Option<String> {
        let around = |whole: Range<usize>| whole.start <= span.start && span.end <= whole.end;
        let mut entries = self.table.iter();
        let (key, _) = entries.find(|(key, value)| around(key.span()) || around(value.span()))?;
        Some(key.get_ref().to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Tea {
        kind: String,
        #[serde(default)]
        cups: u8,
        #[serde(default, with = "duration")]
        steeps: Duration,
    }

    fn read(toml: &str) -> Result<Tea, Vec<String>> {
        let table = DeTable::parse(toml).unwrap();
        let settings = Settings::new(table.get_ref().clone(), table.span());
        let render = |problem: &Problem| problem.render("tea.toml", toml);
        settings.read().map_err(|problems| problems.iter().map(render).collect())
    }

    #[test]
    fn a_good_table_is_read() {
        let tea = read("kind = 'green'\ncups = 2\nsteeps = '1.5m'").unwrap();
        assert_eq!(tea, Tea { kind: "green".into(), cups: 2, steeps: Duration::from_secs(90) });
    }

    #[test]
    fn every_problem_of_a_table_is_found() {
        let problems = read("kinds = 'green'\ncups = 'two'\nsteeps = 'long'").unwrap_err();
        let expected = [
            "tea.toml:1:1: unknown field `kinds`, expected one of `kind`, `cups`, `steeps`; did \
             you mean `kind`?\n  |\n1 | kinds = 'green'\n  | ^^^^^",
            "tea.toml:2:8: invalid type: string \"two\", expected u8\n  |\n2 | cups = 'two'\n  \
             |        ^^^^^",
            "tea.toml:3:10: `long` is not a duration; write `1500ms`, `4.5s`, `2m`, `1h` or \
             `1d`\n  |\n3 | steeps = 'long'\n  |          ^^^^^^",
        ];
        for problem in expected {
            assert!(problems.iter().any(|found| found == problem), "{problems:#?}");
        }
        assert!(problems.iter().any(|found| found.contains("missing field `kind`")));
    }

    #[test]
    fn secrets_are_starred_in_the_line_shown() {
        let line = without_secrets("previous_token = \"abc\", encoding_aes_key='x', id = 'main'");
        assert_eq!(line, "previous_token = *****, encoding_aes_key=***, id = 'main'");
    }

    #[test]
    fn durations_are_read() {
        let table = [
            ("1500ms", Some(1.5)),
            ("4.5s", Some(4.5)),
            ("2m", Some(120.0)),
            ("1h", Some(3600.0)),
            ("1d", Some(86400.0)),
            ("0s", Some(0.0)),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("1 fortnight", None),
            ("1e300d", None),
        ];
        for (text, seconds) in table {
            let read = parse_duration(text).ok();
            assert_eq!(read, seconds.map(Duration::from_secs_f64), "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_suggested_only_when_it_is_near() {
        let known = ["echo", "keywords", "welcome"];
        assert_eq!(nearest("ekho", known), Some("echo"));
        assert_eq!(nearest("Keyword", known), Some("keywords"));
        assert_eq!(nearest("weather", known), None);
    }
}
