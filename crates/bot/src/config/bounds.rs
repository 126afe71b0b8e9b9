//! Values of the right type that can't work: too small, or so large that nobody means them.

use std::ops::RangeInclusive;

use wxbot_sdk::settings::{Entries, Value, parse_duration};

use super::findings::Findings;
use super::limits::parse_size;

const MINUTE: f64 = 60.0;
const DAY: f64 = 24.0 * 3600.0;
const MIB: f64 = (1 << 20) as f64;

/// A table, a key, what it takes (a number, seconds or bytes), and the same in words.
type Bound = (&'static str, &'static str, RangeInclusive<f64>, &'static str);

const BOUNDS: [Bound; 11] = [
    ("server", "workers", 1.0..=1024.0, "1 to 1024"),
    ("server", "max_connections", 16.0..=1_000_000.0, "16 to 1000000"),
    ("server", "clock_skew", 1.0..=DAY, "`1s` to `1d`, or `0s` for any"),
    ("limits", "remember", 20.0..=DAY, "`20s` to `1d`, as WeChat repeats a message for 15 s"),
    ("limits", "memory", MIB..=MIB * MIB, "at least `1MiB`"),
    ("limits", "running", 1.0..=f64::MAX, "at least 1"),
    ("late", "ttl", MINUTE..=30.0 * DAY, "`1m` to `30d`"),
    ("chain", "timeout", 0.001..=DAY, "`1ms` to `1d`"),
    ("dialog", "ttl", 1.0..=30.0 * DAY, "`1s` to `30d`"),
    ("dialog", "tries", 1.0..=1000.0, "1 to 1000"),
    ("cooldown", "every", 1.0..=365.0 * DAY, "`1s` to `365d`"),
];

/// Checks the values of a table; what has another type is an error elsewhere.
pub(super) fn check(table: &str, entries: &Entries, findings: &mut Findings) {
    for (_, key, takes, right) in BOUNDS.iter().filter(|bound| bound.0 == table) {
        let Some(value) = entries.get(*key) else { continue };
        let (Value::Text(text) | Value::Bare(text)) = value.get_ref() else { continue };
        let Some(amount) = amount(value.get_ref()) else { continue };
        let is_any = *key == "clock_skew" && amount == 0.0;
        if !takes.contains(&amount) && !is_any {
            let message = format!("`{key}` is `{text}`; it takes {right}");
            findings.error(Some(value.span()), message);
        }
    }
}

fn amount(value: &Value) -> Option<f64> {
    match value {
        Value::Bare(number) => number.parse::<u64>().ok().map(|count| count as f64),
        Value::Text(text) => match parse_duration(text) {
            Ok(time) => Some(time.as_secs_f64()),
            Err(_) => parse_size(text).map(|bytes| bytes as f64),
        },
        Value::List(_) | Value::Table(_) => None,
    }
}
