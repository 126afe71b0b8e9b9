//! What followers write as they talk: 「提醒我30分钟后喝水」, 「今晚8点提醒我喝水」.

use wxbot_sdk::command::{Moment, Usage, parse};

use crate::command::Reminding;

const REMIND_ME: &str = "提醒我";
const REMIND: &str = "提醒";

/// A text that asks to be reminded.
#[derive(Debug)]
pub(crate) enum Phrase {
    /// When, and of what.
    Understood(Moment, String),
    /// It begins with 提醒我, and what follows is none of these.
    Misunderstood(Usage),
}

impl Phrase {
    /// What a text says at a time in Unix seconds; `None` where it is about something else.
    pub(crate) fn read(text: &str, now: u64) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['/', '／']).unwrap_or(text);
        let Some(request) = request(text) else { return time_first(text, now) };
        let request = request.trim_start().trim_start_matches(['在', '于']);
        let understood =
            Moment::at_start_of(request, now).and_then(|(when, what)| understood(when, what));
        understood.or_else(|| misunderstood(text, now))
    }
}

/// What follows 提醒我, or 提醒 and a blank. 「提醒我们」 is talk.
fn request(text: &str) -> Option<&str> {
    let of_me = text.strip_prefix(REMIND_ME).filter(|request| !request.starts_with('们'));
    of_me.or_else(|| text.strip_prefix(REMIND).filter(|rest| rest.starts_with(char::is_whitespace)))
}

/// 「半小时后提醒我喝水」
fn time_first(text: &str, now: u64) -> Option<Phrase> {
    let (time, what) = text.split_once(REMIND_ME).filter(|(_, what)| !what.starts_with('们'))?;
    let (when, rest) = Moment::at_start_of(time.trim_start_matches(['请', '在']), now)?;
    let is_time = matches!(rest.trim_matches(is_between), "" | "请" | "记得" | "再");
    is_time.then(|| understood(when, what)).flatten()
}

/// Nothing to be reminded of is no reminder.
fn understood(when: Moment, what: &str) -> Option<Phrase> {
    let what = what.trim_start_matches(is_between).trim_end_matches(['。', ' ']);
    let what = what.strip_prefix('的').unwrap_or(what).trim();
    (!what.is_empty()).then(|| Phrase::Understood(when, what.to_owned()))
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '，' | ',' | '、' | '：' | ':' | '。')
}

/// What is wrong with it is told as of a command, which has a slash.
fn misunderstood(text: &str, now: u64) -> Option<Phrase> {
    text.strip_prefix(REMIND_ME)?;
    match parse::<Reminding>(&format!("/{text}"), now)? {
        Err(usage) => Some(Phrase::Misunderstood(usage)),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-01 08:00 in Beijing.
    const NOW: u64 = 1_735_689_600;
    const HOUR: u64 = 3600;

    #[test]
    fn requests_are_read_as_people_talk() {
        let table = [
            ("提醒我30分钟后喝水", HOUR / 2, "喝水"),
            ("提醒我 30分钟后，喝水。", HOUR / 2, "喝水"),
            ("提醒我明天9点喝水", 25 * HOUR, "喝水"),
            ("提醒我 明天 9点 喝水", 25 * HOUR, "喝水"),
            ("提醒我在明天9点的会议", 25 * HOUR, "会议"),
            ("／提醒我今晚8点看电影", 12 * HOUR, "看电影"),
            ("提醒 今晚８点看 电影", 12 * HOUR, "看 电影"),
            ("半小时后提醒我喝水", HOUR / 2, "喝水"),
            ("请在明早9点提醒我：开会", 25 * HOUR, "开会"),
            ("后天下午三点半，记得提醒我开会", 55 * HOUR + HOUR / 2, "开会"),
        ];
        for (text, after, expected) in table {
            match Phrase::read(text, NOW) {
                Some(Phrase::Understood(when, what)) => {
                    assert_eq!((when.unix_seconds() - NOW, &*what), (after, expected), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_told_apart_from_talk() {
        for text in ["提醒我", "提醒我喝水", "提醒我25点喝水", "提醒我明天", "提醒我 每天9点 吃药"]
        {
            let read = Phrase::read(text, NOW);
            assert!(matches!(read, Some(Phrase::Misunderstood(_))), "{text}: {read:?}");
        }
        for text in
            ["提醒我们一下", "谢谢提醒我", "你明天提醒我们", "提醒 大家开会", "我的提醒", ""]
        {
            let read = Phrase::read(text, NOW);
            assert!(read.is_none(), "{text}: {read:?}");
        }
    }
}
