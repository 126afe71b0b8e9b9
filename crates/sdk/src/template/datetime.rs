//! A moment in a zone, and how it is written.

use std::fmt::Write;

use time::{OffsetDateTime, UtcOffset};

/// What stands behind a `%`.
const KNOWN: &str = "%Y %m %d %H %M %S %y %u %a %A %F %T %s %%, and %-m %-d %-H %-M without a zero";

/// Seconds between Beijing, which has no summer time, and UTC.
pub(super) const BEIJING: i32 = 8 * 3600;

/// A moment in a zone; one that no calendar has is the first one.
pub(super) fn at(unix_seconds: i64, offset: i32) -> OffsetDateTime {
    let utc =
        OffsetDateTime::from_unix_timestamp(unix_seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let offset = UtcOffset::from_whole_seconds(offset).unwrap_or(UtcOffset::UTC);
    utc.checked_to_offset(offset).unwrap_or(utc)
}

/// Seconds of a zone as it is written: `+08:00`.
pub(super) fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let is_zone = (0..=18).contains(&hours) && (0..60).contains(&minutes);
    is_zone.then_some(sign * (hours * 3600 + minutes * 60))
}

/// Writes a moment as a pattern says: `%Y年%-m月%-d日` is `2026年3月5日`.
pub(super) fn format(moment: OffsetDateTime, pattern: &str) -> Result<String, String> {
    let (mut written, mut letters) = (String::new(), pattern.chars());
    while let Some(letter) = letters.next() {
        if letter != '%' {
            written.push(letter);
            continue;
        }
        let mut what = letters.next();
        let width = if what == Some('-') { 1 } else { 2 };
        if width == 1 {
            what = letters.next();
        }
        let is_known = what.is_some_and(|what| write_part(&mut written, moment, what, width));
        if !is_known {
            let what = what.map_or(String::new(), String::from);
            return Err(format!("there is no %{what} in the time {pattern}; there are {KNOWN}"));
        }
    }
    Ok(written)
}

/// Whether a pattern can be written.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    format(at(0, BEIJING), pattern).map(drop)
}

fn write_part(to: &mut String, moment: OffsetDateTime, what: char, width: usize) -> bool {
    let number = match what {
        'm' => u8::from(moment.month()),
        'd' => moment.day(),
        'H' => moment.hour(),
        'M' => moment.minute(),
        'S' => moment.second(),
        'y' => moment.year().rem_euclid(100) as u8,
        _ => return write_other(to, moment, what),
    };
    write!(to, "{number:0width$}").is_ok()
}

fn write_other(to: &mut String, moment: OffsetDateTime, what: char) -> bool {
    let number = moment.weekday().number_from_monday();
    let day = ["一", "二", "三", "四", "五", "六", "日"][usize::from(number) - 1];
    let done = match what {
        'Y' => write!(to, "{:04}", moment.year()),
        'F' => write!(to, "{}", moment.date()),
        'T' => write!(to, "{:02}:{:02}:{:02}", moment.hour(), moment.minute(), moment.second()),
        's' => write!(to, "{}", moment.unix_timestamp()),
        'u' => write!(to, "{number}"),
        'a' => write!(to, "{day}"),
        'A' => write!(to, "星期{day}"),
        '%' => to.write_char('%'),
        _ => return false,
    };
    done.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_pattern_says() {
        let table = [
            ("%Y-%m-%d %H:%M:%S", "2025-01-01 08:00:05"),
            ("%Y年%-m月%-d日%A %-H点", "2025年1月1日星期三 8点"),
            ("%F %T %y %u 周%a %s 100%%", "2025-01-01 08:00:05 25 3 周三 1735689605 100%"),
        ];
        for (pattern, expected) in table {
            assert_eq!(format(at(1_735_689_605, BEIJING), pattern).unwrap(), expected);
        }
        for pattern in ["%", "%Q", "%-"] {
            let error = format(at(0, BEIJING), pattern).unwrap_err();
            assert!(error.contains("there is no %"), "{error}");
        }
    }

    #[test]
    fn a_zone_is_an_offset() {
        let table = [
            ("+08:00", Some(BEIJING)),
            ("-03:30", Some(-12_600)),
            ("08:00", None),
            ("+25:00", None),
            ("+8", None),
            ("", None),
            ("８", None),
        ];
        for (text, expected) in table {
            assert_eq!(offset(text), expected, "{text}");
        }
    }
}
