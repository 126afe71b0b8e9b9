//! Points in time as people write them: `30分钟后`, `明天9点`, `今晚8点`, `下周一下午3点半`, `18:30`.

use super::argument::Argument;
use super::{date, duration, time_of_day};
use crate::normalize::normalize;

/// Beijing is so many seconds ahead of UTC.
const BEIJING: u64 = 8 * 3600;
const DAY: u64 = 24 * 3600;
/// A day without a time is meant in the morning.
const MORNING: u64 = 9 * 3600;
/// A hundred years.
const FARTHEST: u64 = 36_500 * DAY;
/// Nobody writes a longer one; in characters.
const LONGEST: usize = 24;
const AFTER: [&str; 3] = ["以后", "之后", "后"];
/// A day and a part of it in one word.
const CONTRACTIONS: [(&str, &str); 4] =
    [("今早", "今天早"), ("明早", "明天早"), ("今晚", "今天晚"), ("明晚", "明天晚")];

/// A point in time: after a duration, or at a time of a day in Beijing. A time without a day is the
/// next such time; a day without a time is at nine. With a day it may be over, as in `昨天`.
///
/// ```
/// use wxbot_sdk::command::Moment;
///
/// let new_year = 1_735_689_600; // 8:00 in Beijing
/// let (moment, what) = Moment::at_start_of("今晚8点看电影", new_year).unwrap();
/// assert_eq!((moment.unix_seconds() - new_year, what), (12 * 3600, "看电影"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// In Unix seconds.
    pub fn unix_seconds(self) -> u64 {
        self.0
    }

    /// The one that a text begins with, and the text behind it; Chinese has no blanks between them. A
    /// duration needs its `后` here: 「一天三次」 is no time.
    pub fn at_start_of(text: &str, now: u64) -> Option<(Self, &str)> {
        let ends = text.char_indices().skip(1).map(|(at, _)| at).chain([text.len()]);
        let ends: Vec<_> = ends.take(LONGEST).collect();
        ends.into_iter().rev().find_map(|end| {
            let (start, rest) = text.split_at(end);
            let moment = is_whole(start, rest).then(|| read(&normalize(start), now))?;
            Some((Self(moment?), rest.trim_start()))
        })
    }
}

impl Argument for Moment {
    const EXAMPLE: &'static str = "30分钟后、明天9点、18:30";

    fn read(word: &str, now: u64) -> Option<Self> {
        let word = normalize(word);
        read(&word, now).or_else(|| after(&word, now)).map(Self)
    }
}

/// Neither half a number nor `9点 半价`.
fn is_whole(start: &str, rest: &str) -> bool {
    let is_digit = |c: char| c.is_numeric();
    let is_cut = start.ends_with(is_digit) && rest.starts_with(is_digit);
    let before_half = start.strip_suffix('半').unwrap_or_default();
    !is_cut && !before_half.ends_with(char::is_whitespace)
}

/// What is a point in time without doubt.
fn read(text: &str, now: u64) -> Option<u64> {
    at(text, now).or_else(|| match (text.strip_prefix('过'), without_after(text)) {
        (Some(duration), _) => after(duration, now),
        (None, Some(duration)) => after(duration, now),
        (None, None) => None,
    })
}

fn without_after(text: &str) -> Option<&str> {
    AFTER.iter().find_map(|suffix| text.strip_suffix(suffix))
}

fn after(text: &str, now: u64) -> Option<u64> {
    let text = without_after(text).unwrap_or(text);
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    now.checked_add(duration::read(&text)?.as_secs())
}

/// A day, a time, or one before the other.
fn at(text: &str, now: u64) -> Option<u64> {
    let text = expanded(text);
    let splits = text.char_indices().map(|(place, _)| text.split_at(place));
    let timed = splits.into_iter().find_map(|(day, time)| {
        let time = time_of_day::read(time.trim())?;
        match day.trim() {
            "" => Some(next(time, now)),
            day => on(day, time, now),
        }
    });
    timed.or_else(|| match days_after(&text) {
        Some(_) => None,
        None => on(&text, MORNING, now),
    })
}

fn expanded(text: &str) -> String {
    let text = text.trim();
    let contraction = CONTRACTIONS.iter().find(|(short, _)| text.starts_with(short));
    contraction.map_or(text.into(), |(short, long)| text.replacen(short, long, 1))
}

/// Today, or else tomorrow.
fn next(time: u64, now: u64) -> u64 {
    let today = midnight_before(now) + time;
    if today > now { today } else { today + DAY }
}

/// A weekday whose time is over today is meant a week later.
fn on(day: &str, time: u64, now: u64) -> Option<u64> {
    let at = match days_after(day) {
        Some(days) => midnight_before(now.checked_add(days)?) + time,
        None => midnight(date::read(day, date::day_of(now)?)?)? + time,
    };
    let is_weekday = ["周", "星期", "礼拜"].iter().any(|week| day.starts_with(week));
    Some(if is_weekday && at <= now { at + 7 * DAY } else { at })
}

/// The seconds in `三天后`, where a time follows.
fn days_after(day: &str) -> Option<u64> {
    let seconds = duration::read(without_after(day)?)?.as_secs();
    let is_of_days = day.contains(['天', '周']) && seconds.is_multiple_of(DAY);
    (is_of_days && seconds < FARTHEST).then_some(seconds)
}

fn midnight_before(now: u64) -> u64 {
    (now + BEIJING) / DAY * DAY - BEIJING
}

fn midnight(day: time::Date) -> Option<u64> {
    let utc = u64::try_from(day.midnight().assume_utc().unix_timestamp()).ok()?;
    utc.checked_sub(BEIJING)
}

#[cfg(test)]
mod tests;
