//! Kinds and events that WeChat's documents do not have: perhaps new, probably misspelt.

use super::{When, texts_of};
use crate::event::Event;
use crate::message::Content;
use crate::settings::nearest;

/// What else people call kinds.
const KINDS: [(&str, &str); 12] = [
    ("文字", "text"),
    ("文本", "text"),
    ("图片", "image"),
    ("语音", "voice"),
    ("视频", "video"),
    ("小视频", "shortvideo"),
    ("位置", "location"),
    ("地理位置", "location"),
    ("链接", "link"),
    ("小程序", "miniprogrampage"),
    ("文件", "file"),
    ("事件", "event"),
];
/// And events.
const EVENTS: [(&str, &str); 12] = [
    ("关注", "subscribe"),
    ("取消关注", "unsubscribe"),
    ("取关", "unsubscribe"),
    ("扫码", "scan"),
    ("扫描", "scan"),
    ("位置", "location"),
    ("上报位置", "location"),
    ("点击", "click"),
    ("菜单", "click"),
    ("菜单点击", "click"),
    ("点击菜单", "click"),
    ("菜单跳转", "view"),
];

/// Those that a `when` itself names, each with what was probably meant.
pub(super) fn unheard_of(when: &When) -> Vec<String> {
    let is_in = |known: &[&str], name: &str| known.iter().any(|one| one.eq_ignore_ascii_case(name));
    let (kinds, events) = (&Content::KINDS[..], Event::NAMES);
    let hinted = |name: &str, key, known: &[&str], others: &[&str], words: &[(&str, &str)]| {
        let word = words.iter().find(|(word, _)| *word == name).map(|(_, meant)| *meant);
        match word.or_else(|| nearest(name, known.iter().copied())) {
            _ if is_in(others, name) => {
                format!("`{name}` here (did you mean `{key} = \"{name}\"`?)")
            }
            Some(near) => format!("`{name}` (did you mean `{near}`?)"),
            None => format!("`{name}`"),
        }
    };
    let odd_kinds = texts_of(&when.kind).iter().filter(|name| !is_in(kinds, name));
    let odd_events = texts_of(&when.event).iter().filter(|name| !is_in(events, name));
    let odd_kinds = odd_kinds.map(|name| hinted(name, "event", kinds, events, &KINDS));
    odd_kinds.chain(odd_events.map(|name| hinted(name, "kind", events, kinds, &EVENTS))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_them_means_what_is_there() {
        assert!(KINDS.iter().all(|(_, kind)| Content::KINDS.contains(kind)));
        assert!(EVENTS.iter().all(|(_, event)| Event::NAMES.contains(event)));
    }
}
