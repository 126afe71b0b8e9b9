//! The system prompt: what the operator wrote, with date and account filled in.
//!
//! What followers write never becomes part of it.

use time::{OffsetDateTime, UtcOffset, Weekday};
use wxbot_sdk::context::Context;
use wxbot_sdk::template::variables::Variables;
use wxbot_sdk::template::{Template, TemplateError};

/// Of instructions to the model: the message is none of them.
#[derive(Debug)]
pub enum Instructions {}

impl Variables for Instructions {
    const HAS_MESSAGE: bool = false;
}

/// What the model is told before anything else.
pub(crate) struct Prompt(Template<Instructions>);

impl Prompt {
    /// Beside those of a template it has three places: `{date}`, `{time}` and `{account}`. Other braces
    /// are part of the text.
    pub(crate) fn new(template: Template<Instructions>) -> Self {
        Self(template)
    }

    /// For a message that came now.
    pub(crate) fn for_message(&self, ctx: &Context) -> Result<String, TemplateError> {
        let text = self.0.render(ctx)?;
        Ok(filled_in(&text, ctx.unix_now(), ctx.account()))
    }
}

fn filled_in(text: &str, unix_seconds: u64, account: &str) -> String {
    let now = in_beijing(unix_seconds);
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((at, name)) = first_place(rest) {
        filled.push_str(&rest[..at]);
        filled.push_str(&match name {
            "{date}" => date(now),
            "{time}" => format!("{:02}:{:02}", now.hour(), now.minute()),
            _ => account.to_owned(),
        });
        rest = &rest[at + name.len()..];
    }
    filled.push_str(rest);
    filled.trim().to_owned()
}

fn first_place(text: &str) -> Option<(usize, &'static str)> {
    let found = ["{date}", "{time}", "{account}"].map(|name| Some((text.find(name)?, name)));
    found.into_iter().flatten().min()
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
        assert_eq!(filled_in(template, unix_seconds, "{date}"), expected, "{template}");
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
