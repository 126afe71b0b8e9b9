//! The system prompt: what the operator wrote, with date and account filled in.
//!
//! What followers write never becomes part of it.

use time::{OffsetDateTime, UtcOffset, Weekday};
use wxbot_sdk::context::Context;

/// What the model is told before anything else.
pub(crate) struct Prompt {
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Date,
    Time,
    Account,
}

impl Prompt {
    /// Other braces than those of the three places are part of the text.
    pub(crate) fn new(template: &str) -> Self {
        let (mut parts, mut rest) = (Vec::new(), template);
        while let Some((at, name, part)) = first_place(rest) {
            parts.extend([Part::Text(rest[..at].to_owned()), part]);
            rest = &rest[at + name.len()..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Self { parts }
    }

    /// For a message that came now.
    pub(crate) fn for_message(&self, ctx: &Context) -> String {
        self.filled_in(ctx.unix_now(), ctx.account())
    }

    fn filled_in(&self, unix_seconds: u64, account: &str) -> String {
        let now = in_beijing(unix_seconds);
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Date => date(now),
            Part::Time => format!("{:02}:{:02}", now.hour(), now.minute()),
            Part::Account => account.to_owned(),
        };
        self.parts.iter().map(part).collect::<String>().trim().to_owned()
    }
}

fn first_place(text: &str) -> Option<(usize, &'static str, Part)> {
    let places = [("{date}", Part::Date), ("{time}", Part::Time), ("{account}", Part::Account)];
    let found = places.into_iter().filter_map(|(name, part)| Some((text.find(name)?, name, part)));
    found.min_by_key(|(at, ..)| *at)
}

pub(crate) fn in_beijing(unix_seconds: u64) -> OffsetDateTime {
    let beijing = UtcOffset::from_hms(8, 0, 0).expect("eight hours are an offset");
    let seconds = i64::try_from(unix_seconds).unwrap_or_default();
    let utc = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    utc.to_offset(beijing)
}

fn date(now: OffsetDateTime) -> String {
    let weekday = match now.weekday() {
        Weekday::Monday => '一',
        Weekday::Tuesday => '二',
        Weekday::Wednesday => '三',
        Weekday::Thursday => '四',
        Weekday::Friday => '五',
        Weekday::Saturday => '六',
        Weekday::Sunday => '日',
    };
    format!("{}年{}月{}日星期{weekday}", now.year(), u8::from(now.month()), now.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, unix_seconds: u64, expected: &str) {
        assert_eq!(Prompt::new(template).filled_in(unix_seconds, "{date}"), expected, "{template}");
    }

    #[test]
    fn date_time_and_account_are_filled_in() {
        check("今天是{date}。", 1_735_689_600, "今天是2025年1月1日星期三。");
        check("{date}{time}", 1_735_747_199, "2025年1月1日星期三23:59");
        check("{time}", 1_735_747_200, "00:00");
        check("{account} {account}", 0, "{date} {date}");
    }

    #[test]
    fn other_braces_are_text() {
        check(r#"Answer as {"a": {}} {dates} {"#, 0, r#"Answer as {"a": {}} {dates} {"#);
        check("", 0, "");
    }
}
