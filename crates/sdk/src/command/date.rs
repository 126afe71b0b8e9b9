//! Dates as people write them: `3月5日`, `明天`, `下周五`, `2025-03-05`.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, UtcOffset};

use super::numeral;

/// The day in Beijing.
pub(super) fn day_of(unix_seconds: u64) -> Option<Date> {
    let beijing = UtcOffset::from_hms(8, 0, 0).ok()?;
    let time = OffsetDateTime::from_unix_timestamp(i64::try_from(unix_seconds).ok()?).ok()?;
    Some(time.checked_to_offset(beijing)?.date())
}

/// Reads a normalised text. Without a year, or a month, it is the next such day from today on.
pub(super) fn read(text: &str, today: Date) -> Option<Date> {
    relative(text, today).or_else(|| weekday(text, today)).or_else(|| calendar(text, today))
}

fn relative(text: &str, today: Date) -> Option<Date> {
    let days = match text.to_lowercase().as_str() {
        "昨天" | "yesterday" => return today.previous_day(),
        "今天" | "今日" | "today" => 0,
        "明天" | "明日" | "tomorrow" => 1,
        "后天" => 2,
        "大后天" => 3,
        _ => return None,
    };
    days_after(today, days)
}

/// 周五 is the next one, today among them; 下周五 is in the week that begins next Monday.
fn weekday(text: &str, today: Date) -> Option<Date> {
    let next_week = text.strip_prefix("下个").or(text.strip_prefix('下'));
    let (this_week, text) = match next_week {
        Some(text) => (false, text),
        None => (true, text),
    };
    let day = ["周", "星期", "礼拜"].iter().find_map(|week| text.strip_prefix(week))?;
    let day = match day {
        "日" | "天" => 6,
        day => numeral::read(day).filter(|day| (1..=6).contains(day))? - 1,
    };
    let now = u64::from(today.weekday().number_days_from_monday());
    match this_week {
        true => days_after(today, (day + 7 - now) % 7),
        false => days_after(today, day + 7 - now),
    }
}

/// Years, months and days, in that order, with anything between them.
fn calendar(text: &str, today: Date) -> Option<Date> {
    let is_day = text.ends_with(['日', '号']);
    let text = text.trim_end_matches(['日', '号']);
    let is_between = |c: char| matches!(c, '年' | '月' | '-' | '/' | '.');
    let numbers = text.split(is_between).map(numeral::read).collect::<Option<Vec<_>>>()?;
    match numbers[..] {
        [year, month, day] => date(i32::try_from(year).ok()?, month, day),
        [month, day] => {
            let date = |year| date(year, month, day).filter(|date| *date >= today);
            (0..=8).find_map(|years| date(today.year() + years))
        }
        [day] if is_day => next_day_of_month(day, today),
        _ => None,
    }
}

/// A month without it is left out.
fn next_day_of_month(day: u64, today: Date) -> Option<Date> {
    let months = 0..3;
    let in_month = |months: i32| {
        let month = i32::from(u8::from(today.month())) - 1 + months;
        date(today.year() + month / 12, (month % 12 + 1) as u64, day)
    };
    months.filter_map(in_month).find(|date| *date >= today)
}

fn date(year: i32, month: u64, day: u64) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

fn days_after(day: Date, days: u64) -> Option<Date> {
    day.checked_add(Duration::from_secs(days * 86400).try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-01 08:00 in Beijing, a Wednesday.
    const MORNING: u64 = 1_735_689_600;

    #[test]
    fn a_day_begins_in_beijing() {
        assert_eq!(
            day_of(MORNING - 9 * 3600).map(|day| day.to_string()),
            Some("2024-12-31".into())
        );
        assert_eq!(
            day_of(MORNING - 8 * 3600).map(|day| day.to_string()),
            Some("2025-01-01".into())
        );
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let table = [
            ("今天", "2025-01-01"),
            ("明天", "2025-01-02"),
            ("tomorrow", "2025-01-02"),
            ("大后天", "2025-01-04"),
            ("周三", "2025-01-01"),
            ("星期五", "2025-01-03"),
            ("周二", "2025-01-07"),
            ("周日", "2025-01-05"),
            ("下周一", "2025-01-06"),
            ("下周日", "2025-01-12"),
            ("下个星期三", "2025-01-08"),
            ("3月5日", "2025-03-05"),
            ("3月5号", "2025-03-05"),
            ("三月五日", "2025-03-05"),
            ("5号", "2025-01-05"),
            ("三十一日", "2025-01-31"),
            ("3-5", "2025-03-05"),
            ("2月29日", "2028-02-29"),
            ("2024年12月31日", "2024-12-31"),
            ("2025-03-05", "2025-03-05"),
            ("2025/3/5", "2025-03-05"),
        ];
        for (text, expected) in table {
            let read = read(text, day_of(MORNING).unwrap()).map(|day| day.to_string());
            assert_eq!(read.as_deref(), Some(expected), "{text:?}");
        }
        for text in ["", "3", "2月30日", "13-1", "周八", "哪天", "1-1-1-1"] {
            assert_eq!(read(text, day_of(MORNING).unwrap()), None, "{text:?}");
        }
    }

    #[test]
    fn a_day_without_a_year_is_the_next_one() {
        let new_years_eve = day_of(MORNING - 24 * 3600).unwrap();
        let read = |text| read(text, new_years_eve).map(|day| day.to_string());
        assert_eq!(read("12月31日").as_deref(), Some("2024-12-31"));
        assert_eq!(read("12月30日").as_deref(), Some("2025-12-30"));
        assert_eq!(read("30号").as_deref(), Some("2025-01-30"));
    }
}
