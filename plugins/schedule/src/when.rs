//! When a follower wants to be reminded: `30分钟后`, `明天`, `明天9点`, `18:30`.

use std::time::Duration;

use wxbot_sdk::command::{Argument, Date};

/// Beijing is so many seconds ahead of UTC.
const BEIJING: u64 = 8 * 3600;
const DAY: u64 = 24 * 3600;
/// A day without a time is meant in the morning.
const MORNING: u64 = 9 * 3600;

/// A time, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// In Unix seconds.
    pub(crate) due: u64,
    /// Read a second later, `10分钟后` is another time.
    pub(crate) words: String,
}

impl Argument for When {
    const EXAMPLE: &'static str = "30分钟后、明天9点、18:30";

    fn read(word: &str, now: u64) -> Option<Self> {
        let words: String = word.chars().map(narrow).collect();
        let due = after(&words, now).or_else(|| at(&words, now))?;
        Some(Self { due, words })
    }
}

fn after(word: &str, now: u64) -> Option<u64> {
    let suffixes = ["以后", "之后", "后"];
    let word = suffixes.iter().find_map(|suffix| word.strip_suffix(suffix)).unwrap_or(word);
    now.checked_add(Duration::read(word, now)?.as_secs())
}

/// A day, a time, or one behind the other.
fn at(word: &str, now: u64) -> Option<u64> {
    if let Some(day) = Date::read(word, now) {
        return Some(midnight(day)? + MORNING);
    }
    let splits = word.char_indices().map(|(place, _)| word.split_at(place));
    splits.into_iter().find_map(|(day, time)| {
        let time = time_of_day(time)?;
        match day {
            "" => Some(next(time, now)),
            day => Some(midnight(Date::read(day, now)?)? + time),
        }
    })
}

/// Today, or else tomorrow.
fn next(time: u64, now: u64) -> u64 {
    let today = (now + BEIJING) / DAY * DAY - BEIJING + time;
    if today > now { today } else { today + DAY }
}

fn midnight(day: Date) -> Option<u64> {
    let utc = u64::try_from(day.midnight().assume_utc().unix_timestamp()).ok()?;
    utc.checked_sub(BEIJING)
}

/// `9点`, `9点半`, `9点30分`, `09:30`, in seconds of the day.
fn time_of_day(text: &str) -> Option<u64> {
    let (hours, minutes) = match text.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None => text.split_once('点')?,
    };
    let minutes = match minutes.trim_end_matches('分') {
        "" => 0,
        "半" => 30,
        minutes => u64::read(minutes, 0)?,
    };
    let hours = u64::read(hours, 0)?;
    (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

/// Digits and colons of full width are the others.
fn narrow(character: char) -> char {
    match character {
        '：' => ':',
        '０'..='９' => {
            char::from_u32(character as u32 - '０' as u32 + '0' as u32).unwrap_or(character)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-01 08:00 in Beijing, a Wednesday.
    const NOW: u64 = 1_735_689_600;
    const HOUR: u64 = 3600;

    #[test]
    fn times_are_read_as_people_write_them() {
        let table = [
            ("30分钟后", Some(HOUR / 2)),
            ("３０分钟后", Some(HOUR / 2)),
            ("半小时以后", Some(HOUR / 2)),
            ("2小时", Some(2 * HOUR)),
            ("1h30m", Some(3 * HOUR / 2)),
            ("18:30", Some(10 * HOUR + HOUR / 2)),
            ("１８：３０", Some(10 * HOUR + HOUR / 2)),
            ("7点", Some(23 * HOUR)),
            ("九点半", Some(HOUR + HOUR / 2)),
            ("明天", Some(25 * HOUR)),
            ("明天9点15分", Some(25 * HOUR + HOUR / 4)),
            ("周四08:00", Some(24 * HOUR)),
            ("1月2日9点", Some(25 * HOUR)),
            ("25:00", None),
            ("9:5", None),
            ("等会儿", None),
            ("后", None),
            ("", None),
        ];
        for (word, expected) in table {
            let read = When::read(word, NOW).map(|when| when.due - NOW);
            assert_eq!(read, expected, "{word:?}");
        }
    }
}
