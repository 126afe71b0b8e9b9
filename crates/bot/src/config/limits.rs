//! `[limits]`: how much is remembered and may wait.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use wxbot_core::limits::Limits;
use wxbot_sdk::settings::{DurationText, duration};

/// `[limits]`: how much is remembered and may wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitSettings {
    /// How long answers are remembered for repeated deliveries, at least.
    #[serde(with = "duration")]
    #[schemars(with = "DurationText")]
    pub remember: Duration,
    /// Bytes of remembered answers, for each account.
    #[serde(deserialize_with = "bytes")]
    #[schemars(with = "SizeText", extend("default" = "64MiB"))]
    pub memory: usize,
    /// Messages of one follower that wait while another one is worked on.
    pub waiting: usize,
    /// Messages that are worked on or wait, of all followers.
    pub running: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        let Limits { keep, bytes, waiting, running } = Limits::default();
        Self { remember: keep, memory: bytes, waiting, running }
    }
}

impl LimitSettings {
    /// As core takes them.
    pub fn limits(&self) -> Limits {
        let Self { remember, memory, waiting, running } = *self;
        Limits { keep: remember, bytes: memory, waiting, running }
    }
}

/// How a size is written.
struct SizeText;

impl JsonSchema for SizeText {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = r"^[0-9]+\s*(KiB|MiB|GiB)$";
        json_schema!({ "title": "size", "type": "string", "pattern": pattern, "examples": ["64MiB"] })
    }
}

fn bytes<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    let text = String::deserialize(from)?;
    let wrong = || D::Error::custom(format!("`{text}` is not a size; write `64MiB`"));
    parse_size(&text).ok_or_else(wrong)
}

/// The bytes in `64MiB`, `512KiB` or `1GiB`.
pub(super) fn parse_size(text: &str) -> Option<usize> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    units.iter().find_map(|(unit, shift)| {
        let number: usize = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(1 << shift)
    })
}
