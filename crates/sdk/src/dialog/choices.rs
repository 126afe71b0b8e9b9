//! Choices to pick one of: by its number, by its label, or with a tap.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::message::{Content, Message};
use crate::normalize::keyword_of;

/// Answers to choose from, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Tells the taps on this question from those on another one.
    serial: u64,
    labels: Vec<String>,
}

const YES: [&str; 2] = ["是", "否"];
const WORDS_FOR_YES: [&str; 14] = [
    "是的", "对", "对的", "好", "好的", "确定", "确认", "可以", "嗯", "行", "要", "yes", "y", "ok",
];
const WORDS_FOR_NO: [&str; 10] =
    ["不", "不是", "不对", "不好", "不行", "不要", "不用", "没有", "no", "n"];
const NUMBERS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

impl Choices {
    pub(crate) fn new(asked_by: &Message, labels: impl IntoIterator<Item = String>) -> Self {
        let serial = asked_by.msg_id.unwrap_or(asked_by.create_time) % 1_000_000;
        Self { serial, labels: labels.into_iter().collect() }
    }

    /// Yes or no.
    pub(crate) fn yes_or_no(asked_by: &Message) -> Self {
        Self::new(asked_by, YES.map(str::to_owned))
    }

    /// A question with the choices below it.
    pub(crate) fn below(&self, question: &str, has_links: bool) -> String {
        let mut text = question.to_owned();
        for (place, label) in self.labels.iter().enumerate() {
            let _ = match has_links && is_plain(label) {
                true => write!(text, "\n{}. {}", place + 1, self.link(place, label)),
                false => write!(text, "\n{}. {label}", place + 1),
            };
        }
        text
    }

    /// Tapped, it makes the follower say the label (protocol section 5.1).
    fn link(&self, place: usize, label: &str) -> String {
        let id = self.menu_id(place);
        let href = format!("weixin://bizmsgmenu?msgmenucontent={label}&msgmenuid={id}");
        format!("<a href=\"{href}\">{label}</a>")
    }

    fn menu_id(&self, place: usize) -> String {
        format!("{}{:02}", self.serial, place + 1)
    }

    /// Which one a message is, from 0.
    pub(crate) fn chosen(&self, message: &Message) -> Option<usize> {
        if let Content::Text { menu_id: Some(tapped), .. } = &message.content {
            return (0..self.labels.len()).find(|place| self.menu_id(*place) == *tapped);
        }
        let said = keyword_of(message.words()?).to_lowercase();
        let is_label = |label: &String| keyword_of(label).to_lowercase() == said;
        self.labels.iter().position(is_label).or_else(|| self.numbered(&said))
    }

    fn numbered(&self, said: &str) -> Option<usize> {
        let number = said.strip_prefix('第').unwrap_or(said);
        let number = number.trim_end_matches(['.', '。', '、', ')', '个', '项']);
        let written = NUMBERS.iter().position(|name| *name == number).map(|place| place + 1);
        let number = written.or_else(|| number.parse().ok())?;
        (1..=self.labels.len()).contains(&number).then(|| number - 1)
    }

    /// Whether a message is a yes or a no, in some word for it.
    pub(crate) fn confirmed(&self, message: &Message) -> Option<bool> {
        if let Some(place) = self.chosen(message) {
            return Some(place == 0);
        }
        if matches!(message.content, Content::Text { menu_id: Some(_), .. }) {
            return None;
        }
        let said = keyword_of(message.words()?).to_lowercase();
        let said = said.trim_end_matches(['.', '。', '!', '~', '了', '吧', '啊']);
        match () {
            () if WORDS_FOR_YES.contains(&said) => Some(true),
            () if WORDS_FOR_NO.contains(&said) => Some(false),
            () => None,
        }
    }
}

/// Whether a label can stand in a link as it is.
fn is_plain(label: &str) -> bool {
    !label.contains(|letter: char| letter.is_control() || "<>\"'&%#+=?".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Fields;

    fn message(words: &str, menu_id: Option<&str>) -> Message {
        let mut fields = Fields::default();
        let parts = [("MsgType", "text"), ("MsgId", "24000000001234567"), ("Content", words)];
        for (name, text) in parts.into_iter().chain(menu_id.map(|id| ("bizmsgmenuid", id))) {
            let element = fields.push(0, name);
            fields.push_text(element, text);
        }
        Message::read(fields).unwrap()
    }

    fn sizes() -> Choices {
        let labels = ["小杯", "大杯", "A & B"];
        Choices::new(&message("咖啡", None), labels.map(str::to_owned))
    }

    #[test]
    fn choices_have_numbers_and_can_be_tapped() {
        let expected = "多大的？\n\
            1. <a href=\"weixin://bizmsgmenu?msgmenucontent=小杯&msgmenuid=23456701\">小杯</a>\n\
            2. <a href=\"weixin://bizmsgmenu?msgmenucontent=大杯&msgmenuid=23456702\">大杯</a>\n\
            3. A & B";
        assert_eq!(sizes().below("多大的？", true), expected);
        assert_eq!(sizes().below("多大的？", false), "多大的？\n1. 小杯\n2. 大杯\n3. A & B");
    }

    #[test]
    fn a_choice_is_known_by_its_number_its_label_or_the_tap() {
        for (words, menu_id, expected) in [
            ("1", None, Some(0)),
            ("２", None, Some(1)),
            (" 「2」", None, Some(1)),
            ("2.", None, Some(1)),
            ("第二个", None, Some(1)),
            ("三", None, Some(2)),
            ("大杯", None, Some(1)),
            ("a & b", None, Some(2)),
            ("大杯", Some("23456702"), Some(1)),
            ("大杯", Some("99999902"), None),
            ("0", None, None),
            ("4", None, None),
            ("-1", None, None),
            ("中杯", None, None),
        ] {
            assert_eq!(sizes().chosen(&message(words, menu_id)), expected, "{words} {menu_id:?}");
        }
    }

    #[test]
    fn a_yes_has_many_words_and_so_has_a_no() {
        for (words, menu_id, expected) in [
            ("是", None, Some(true)),
            ("1", None, Some(true)),
            ("好的。", None, Some(true)),
            ("OK！", None, Some(true)),
            ("确定吧", None, Some(true)),
            ("否", None, Some(false)),
            ("2", None, Some(false)),
            ("不要了", None, Some(false)),
            ("No", None, Some(false)),
            ("是", Some("23456701"), Some(true)),
            ("是", Some("11111101"), None),
            ("也许", None, None),
        ] {
            let choices = Choices::yes_or_no(&message("清空", None));
            assert_eq!(choices.confirmed(&message(words, menu_id)), expected, "{words}");
        }
    }
}
