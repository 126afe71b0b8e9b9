//! A part of the day in Beijing, on some days of the week: `Mon-Fri 09:00-18:00`.

use super::when::MatcherError;

const DAY: u64 = 24 * 60;
const WEEKDAYS: [[&str; 2]; 7] = [
    ["mon", "周一"],
    ["tue", "周二"],
    ["wed", "周三"],
    ["thu", "周四"],
    ["fri", "周五"],
    ["sat", "周六"],
    ["sun", "周日"],
];

/// From a minute of the day to another one, on days on which it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hours {
    /// From Monday on.
    days: [bool; 7],
    from: u64,
    to: u64,
}

impl Hours {
    pub(super) fn parse(text: &str) -> Result<Self, MatcherError> {
        let clock_at = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (days, clock) = text.split_at(clock_at);
        let days = if days.trim().is_empty() { Some([true; 7]) } else { days_of(days) };
        let parts = days.zip(clock.split_once('-'));
        parts
            .and_then(|(days, (from, to))| {
                Some(Self { days, from: minutes(from)?, to: minutes(to)? })
            })
            .ok_or_else(|| MatcherError::Hours(text.to_owned()))
    }

    /// Whether a time in Unix seconds is among them. Over midnight, the day on which it began counts.
    pub(super) fn include(self, now: u64) -> bool {
        let minutes = now / 60 + 8 * 60;
        let (minute, Self { days, from, to }) = (minutes % DAY, self);
        // 1970 began on a Thursday.
        let is_on = |days_ago| days[((minutes / DAY + 3 + 7 - days_ago) % 7) as usize];
        match from <= to {
            true => is_on(0) && (from..to).contains(&minute),
            false => (is_on(0) && minute >= from) || (is_on(1) && minute < to),
        }
    }
}

fn minutes(clock: &str) -> Option<u64> {
    let (hour, minute) = clock.trim().split_once(':')?;
    let (hour, minute) = (hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?);
    (hour * 60 + minute <= DAY && minute < 60).then_some(hour * 60 + minute)
}

/// `Mon-Fri`, `Sat,Sun`, `Fri-Mon`, `周一-周五`.
fn days_of(text: &str) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (weekday(first)?, weekday(last)?);
        (0..=(last + 7 - first) % 7).for_each(|after| days[(first + after) % 7] = true);
    }
    Some(days)
}

fn weekday(name: &str) -> Option<usize> {
    let name = name.trim().to_lowercase();
    WEEKDAYS.iter().position(|names| names.contains(&&*name))
}
