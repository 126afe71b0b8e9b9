//! Times of day as people write them: `18:30`, `九点半`, `下午3点一刻`, `晚上`.

use super::numeral;

const HOUR: u64 = 3600;

/// A part of the day: its name, the hours that may be named in it, each range with what makes them hours
/// of the day, and the hour meant by the name alone. After midnight it is still the night of that day.
type Period = (&'static str, &'static [(std::ops::RangeInclusive<u64>, u64)], u64);

/// Those that begin like others come first.
const PERIODS: [Period; 11] = [
    ("凌晨", &[(0..=6, 0)], 6),
    ("清晨", MORNING, 7),
    ("早上", MORNING, 9),
    ("早晨", MORNING, 9),
    ("早", MORNING, 9),
    ("上午", &[(0..=12, 0)], 9),
    ("中午", &[(11..=14, 0), (1..=2, 12)], 12),
    ("下午", AFTERNOON, 15),
    ("傍晚", AFTERNOON, 18),
    ("晚上", NIGHT, 20),
    ("晚", NIGHT, 20),
];
const MORNING: &[(std::ops::RangeInclusive<u64>, u64)] = &[(4..=11, 0)];
const AFTERNOON: &[(std::ops::RangeInclusive<u64>, u64)] = &[(12..=19, 0), (1..=7, 12)];
const NIGHT: &[(std::ops::RangeInclusive<u64>, u64)] =
    &[(17..=23, 0), (5..=11, 12), (12..=12, 12), (0..=4, 24)];

/// Reads a normalised text, in seconds since midnight; `晚上12点` is a whole day.
pub(super) fn read(text: &str) -> Option<u64> {
    let period = PERIODS.iter().find_map(|period| Some((period, text.strip_prefix(period.0)?)));
    let Some(((_, hours, alone), time)) = period else {
        let (hour, minutes) = clock(text)?;
        return (hour < 24).then_some(hour * HOUR + minutes * 60);
    };
    if time.is_empty() {
        return Some(alone * HOUR);
    }
    let (hour, minutes) = clock(time.trim_start())?;
    let (_, added) = hours.iter().find(|(said, _)| said.contains(&hour))?;
    Some((hour + added) * HOUR + minutes * 60)
}

/// Hour and minutes, as they are said.
fn clock(text: &str) -> Option<(u64, u64)> {
    let (hour, minutes) = match text.split_once(':') {
        Some((hour, minutes)) if minutes.len() == 2 => (hour, numeral::read(minutes)?),
        Some(_) => return None,
        None => {
            let (hour, behind) = text.split_once(['点', '时'])?;
            (hour, spoken_minutes(behind)?)
        }
    };
    Some((numeral::read(hour.trim())?, minutes)).filter(|_| minutes < 60)
}

/// What follows the hour. `9点5` is no time, as `9点5个人` has it, too.
fn spoken_minutes(text: &str) -> Option<u64> {
    match text {
        "" | "整" | "钟" => Some(0),
        "半" => Some(30),
        "一刻" => Some(15),
        "三刻" => Some(45),
        _ => match text.strip_suffix('分') {
            Some(minutes) => numeral::read(minutes),
            None => numeral::read(text).filter(|minutes| *minutes >= 10),
        },
    }
}
