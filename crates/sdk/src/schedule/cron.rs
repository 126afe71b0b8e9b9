//! A cron expression: minute, hour, day, month and weekday.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Duration, FixedOffset};
use croner::parser::{CronParser, Seconds, Year};

use super::zone::Zone;

/// A leap day may be eight years away; what does not come for so long never does.
const YEARS: i64 = 9;
const EXAMPLE: &str = "write minute, hour, day, month and weekday, such as `0 9 * * 1-5` for 9:00 \
                       from Monday to Friday";

/// What stands where, and what it may be.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day", "1 to 31"),
    ("month", "1 to 12"),
    ("weekday", "0 to 7 or SUN to SAT, with Sunday as 0 and 7"),
];

/// When something recurs. It comes sometime: one that never does is an error.
#[derive(Debug, Clone)]
pub struct Cron {
    expression: String,
    pattern: Arc<croner::Cron>,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It has not five fields, or one of them says nothing that can be.
    #[error("`{expression}` is not a cron expression: {why}; {EXAMPLE}")]
    Unreadable {
        /// As it was written.
        expression: String,
        /// What of it can't be read.
        why: String,
    },
    /// There is no such time.
    #[error("`{0}` never comes: no date is like that")]
    Never(String),
}

impl Cron {
    /// The next time after this one, in Unix milliseconds.
    pub fn next_after(&self, unix_millis: u64, zone: Zone) -> Option<u64> {
        let after = DateTime::from_timestamp_millis(i64::try_from(unix_millis).ok()?)?;
        let next = next(&self.pattern, after.with_timezone(&zone.offset()))?;
        u64::try_from(next.timestamp_millis()).ok()
    }
}

fn next(pattern: &croner::Cron, after: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    let next = pattern.find_next_occurrence(&after, false).ok()?;
    (next - after <= Duration::days(366 * YEARS)).then_some(next)
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let expression = text.trim().to_owned();
        let unreadable = |why| CronError::Unreadable { expression: expression.clone(), why };
        let fields = expression.split_whitespace().count();
        if fields != 5 && !expression.starts_with('@') {
            return Err(unreadable(format!("it has {fields} fields instead of 5")));
        }
        let pattern = parse(&expression).ok_or_else(|| unreadable(wrong_field(&expression)))?;
        let cron = Self { expression, pattern: Arc::new(pattern) };
        match cron.next_after(0, Zone::BEIJING) {
            Some(_) => Ok(cron),
            None => Err(CronError::Never(cron.expression)),
        }
    }
}

fn parse(expression: &str) -> Option<croner::Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
    parser.build().parse(expression).ok()
}

/// The first field that makes no sense.
fn wrong_field(expression: &str) -> String {
    let fields = expression.split_whitespace().zip(FIELDS).enumerate();
    let mut wrong = fields.filter(|(place, (field, _))| {
        let mut alone = ["*"; FIELDS.len()];
        alone[*place] = field;
        parse(&alone.join(" ")).is_none()
    });
    match wrong.next() {
        Some((_, (field, (name, range)))) => format!("the {name} is {range}, not `{field}`"),
        None => "it can't be read".to_owned(),
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.expression == other.expression
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-01 08:00 in Beijing, a Wednesday.
    const MORNING: u64 = 1_735_689_600_000;

    #[test]
    fn times_come_as_they_are_written() {
        let hours = |hours: u64| hours * 3_600_000;
        let table = [
            ("0 9 * * 1-5", "+08:00", hours(1)),
            ("0 9 * * MON-FRI", "+08:00", hours(1)),
            ("0 8 * * *", "+08:00", hours(24)),
            ("*/15 * * * *", "+08:00", 15 * 60_000),
            ("0 9 * * 0", "+08:00", hours(4 * 24 + 1)),
            ("0 9 * * 7", "+08:00", hours(4 * 24 + 1)),
            ("0 0 1 * *", "+00:00", hours(31 * 24)),
            ("30 5 * * *", "+05:30", 0),
            ("0 0 29 2 *", "+08:00", (365 + 365 + 365 + 59) * hours(24) - hours(8)),
            ("@daily", "+08:00", hours(16)),
        ];
        for (expression, zone, expected) in table {
            let cron: Cron = expression.parse().unwrap();
            let before = if expected == 0 { 1 } else { 0 };
            let next = cron.next_after(MORNING - before, zone.parse().unwrap());
            assert_eq!(next.map(|next| next - MORNING), Some(expected), "{expression} {zone}");
        }
    }

    #[test]
    fn what_is_wrong_is_quoted_with_what_would_be_right() {
        let table = [
            ("", "it has 0 fields instead of 5"),
            ("0 9 * *", "it has 4 fields instead of 5"),
            ("0 0 9 * * 1-5", "it has 6 fields instead of 5"),
            ("0 25 * * *", "`0 25 * * *` is not a cron expression: the hour is 0 to 23, not `25`"),
            ("60 * * * *", "the minute is 0 to 59, not `60`"),
            ("0 9 0 * *", "the day is 1 to 31, not `0`"),
            ("0 9 * 1-13 *", "the month is 1 to 12, not `1-13`"),
            ("0 9 * * 8", "the weekday is 0 to 7"),
            ("0 9 * * 9", "such as `0 9 * * 1-5` for 9:00 from Monday to Friday"),
            ("a b c d e", "`a b c d e` is not"),
            ("0 9 30 2 *", "`0 9 30 2 *` never comes: no date is like that"),
            ("0 9 31 4,6,9,11 *", "never comes"),
        ];
        for (expression, expected) in table {
            let error = expression.parse::<Cron>().map(|cron| cron.to_string()).unwrap_err();
            assert!(error.to_string().contains(expected), "{expression}: {error}");
        }
    }
}
