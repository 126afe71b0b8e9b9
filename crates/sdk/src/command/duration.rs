//! Durations as people write them: `30分钟`, `1小时30分`, `半小时`, `1h30m`.

use std::time::Duration;

use super::numeral;

const UNITS: [(&str, f64); 19] = [
    ("毫秒", 0.001),
    ("秒钟", 1.0),
    ("秒", 1.0),
    ("分钟", 60.0),
    ("分", 60.0),
    ("刻钟", 900.0),
    ("个小时", 3600.0),
    ("小时", 3600.0),
    ("钟头", 3600.0),
    ("天", 86400.0),
    ("日", 86400.0),
    ("周", 604_800.0),
    ("星期", 604_800.0),
    ("ms", 0.001),
    ("min", 60.0),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86400.0),
];

/// Reads a normalised text, one number and unit after the other.
pub(super) fn read(text: &str) -> Option<Duration> {
    let (mut seconds, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let (part, behind) = part(rest)?;
        seconds += part;
        rest = behind;
    }
    let is_long = seconds > 0.0;
    is_long.then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

/// The seconds of the first number and unit, and what follows: 半 may stand before or behind a unit.
fn part(text: &str) -> Option<(f64, &str)> {
    let is_number =
        |c: char| c.is_ascii_digit() || c == '.' || "零一二三四五六七八九十百两半".contains(c);
    let end = text.find(|c| !is_number(c))?;
    let (number, behind) = text.split_at(end);
    let number = match number {
        "半" => 0.5,
        number => number.parse().ok().or_else(|| Some(numeral::read(number)? as f64))?,
    };
    let behind = behind.strip_prefix('个').unwrap_or(behind);
    let (behind, half) = match behind.strip_prefix('半') {
        Some(behind) => (behind, 0.5),
        None => (behind, 0.0),
    };
    let (unit, seconds) = UNITS.iter().find(|(unit, _)| behind.starts_with(unit))?;
    let rest = &behind[unit.len()..];
    let ends_in_half = rest == "半";
    let half = if ends_in_half { 0.5 } else { half };
    Some(((number + half) * seconds, if ends_in_half { "" } else { rest }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_both_languages() {
        let table = [
            ("30分钟", Some(1800)),
            ("90s", Some(90)),
            ("1h30m", Some(5400)),
            ("1小时30分", Some(5400)),
            ("半小时", Some(1800)),
            ("半个小时", Some(1800)),
            ("一个半小时", Some(5400)),
            ("两小时半", Some(9000)),
            ("1.5h", Some(5400)),
            ("十五分钟", Some(900)),
            ("三刻钟", Some(2700)),
            ("2天", Some(172_800)),
            ("一周", Some(604_800)),
            ("5min", Some(300)),
            ("", None),
            ("30", None),
            ("0秒", None),
            ("一会儿", None),
            ("5分真好", None),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).map(|read| read.as_secs()), expected, "{text:?}");
        }
    }
}
