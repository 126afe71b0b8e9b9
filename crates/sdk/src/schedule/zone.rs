//! A fixed offset from UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

/// How far a clock is ahead of UTC, such as `+08:00`. There is no summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(FixedOffset);

/// What is no offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an offset from UTC; write `+08:00`, as in Beijing, or `UTC`")]
pub struct ZoneError(String);

impl Zone {
    /// China's.
    pub const BEIJING: Self = match FixedOffset::east_opt(8 * 3600) {
        Some(offset) => Self(offset),
        None => panic!("a day has more than eight hours"),
    };

    pub(super) fn offset(self) -> FixedOffset {
        self.0
    }

    /// A time in Unix seconds, as it is written there: `1月5日 09:00`.
    pub fn written(self, unix_seconds: u64) -> String {
        let time = self.time(unix_seconds);
        format!("{}月{}日 {:02}:{:02}", time.month(), time.day(), time.hour(), time.minute())
    }

    /// The same for whoever reads no Chinese, with the year: `2025-01-05 09:00`.
    pub fn minute(self, unix_seconds: u64) -> String {
        self.time(unix_seconds).format("%Y-%m-%d %H:%M").to_string()
    }

    fn time(self, unix_seconds: u64) -> DateTime<FixedOffset> {
        let time = i64::try_from(unix_seconds).ok();
        let time = time.and_then(|at| DateTime::from_timestamp(at, 0)).unwrap_or_default();
        time.with_timezone(&self.0)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::BEIJING
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        read(text).map(Self).ok_or_else(|| ZoneError(text.to_owned()))
    }
}

fn read(text: &str) -> Option<FixedOffset> {
    if matches!(text, "UTC" | "Z") {
        return FixedOffset::east_opt(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let number = |text: &str, most| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number: &i32| is_number && *number <= most)
    };
    FixedOffset::east_opt(sign * (number(hours, 14)? * 3600 + number(minutes, 59)? * 60))
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_and_written_the_same() {
        for text in ["+08:00", "+00:00", "-05:30", "+14:00"] {
            assert_eq!(text.parse::<Zone>().unwrap().to_string(), text);
        }
        assert_eq!("UTC".parse::<Zone>().unwrap().to_string(), "+00:00");
        for text in ["", "8", "+8:00", "08:00", "+15:00", "+08:60", "Asia/Shanghai", "+北:京"] {
            let error = text.parse::<Zone>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not an offset")), "{error}");
        }
    }

    #[test]
    fn a_time_is_written_as_it_is_there() {
        assert_eq!(Zone::BEIJING.written(1_735_689_600), "1月1日 08:00");
        assert_eq!(Zone::BEIJING.minute(1_735_689_600), "2025-01-01 08:00");
        assert_eq!("UTC".parse::<Zone>().unwrap().written(1_735_689_600), "1月1日 00:00");
    }
}
