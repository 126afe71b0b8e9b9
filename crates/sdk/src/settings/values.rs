//! Values that many settings have: durations, and one text or several.

use std::fmt;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Reads durations such as `"4.5s"`, `"1500ms"`, `"2m"`, for `#[serde(with = "duration")]`.
pub mod duration {
    use serde::Serializer;
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Duration, parse_duration};

    /// As a field of a plugin's `Config`.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse_duration(&String::deserialize(from)?).map_err(D::Error::custom)
    }

    /// For the defaults in a schema: in the largest unit of which it is a whole number.
    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        let seconds = duration.as_secs();
        let units = [(86400, "d"), (3600, "h"), (60, "m")];
        let is_whole = |unit: u64| seconds > 0 && seconds.is_multiple_of(unit);
        match units.into_iter().find(|(unit, _)| duration.subsec_nanos() == 0 && is_whole(*unit)) {
            Some((unit, name)) => to.collect_str(&format_args!("{}{name}", seconds / unit)),
            None => to.collect_str(&format_args!("{}s", duration.as_secs_f64())),
        }
    }
}

/// The same for one that may be left out: `#[serde(default, with = "optional_duration")]`.
pub mod optional_duration {
    use serde::Serializer;

    use super::{Deserializer, Duration, duration};

    /// As a field of a plugin's `Config`.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        duration::deserialize(from).map(Some)
    }

    /// For the defaults in a schema.
    pub fn serialize<S: Serializer>(duration: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => duration::serialize(duration, to),
            None => to.serialize_none(),
        }
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

/// How a duration is written, for the schema of a field: `#[schemars(with = "DurationText")]`.
pub struct DurationText;

impl schemars::JsonSchema for DurationText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = r"^\s*[0-9.]+\s*(ms|s|m|h|d)$";
        schemars::json_schema!({
            "title": "duration",
            "type": "string",
            "pattern": pattern,
            "examples": ["1500ms", "2m"],
        })
    }
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
