//! What a model said, made fit for WeChat: plain, not too long, and labelled.

use wxbot_sdk::context::Context;
use wxbot_sdk::template::Template;

use crate::config::Texts;
use crate::model::End;
use crate::plain::plain;

/// What the model said, with a note where it was not allowed to end.
pub(crate) fn marked(text: String, end: End, marks: &Marks) -> String {
    match end {
        End::Stop => text,
        End::Length => text + &marks.cut,
        End::Broken => text + &marks.interrupted,
    }
}

/// What is put to an answer for this follower.
#[derive(Debug)]
pub(crate) struct Marks {
    label: String,
    cut: String,
    interrupted: String,
}

impl Marks {
    /// An answer is not lost for a template that fails, nor does it go without its label: then the default
    /// is said.
    pub(crate) fn new(texts: &Texts, ctx: &Context) -> Self {
        let default = Texts::default();
        let render = |text: &Template, default: &Template| {
            text.render(ctx).unwrap_or_else(|error| {
                tracing::warn!(%error, "a text of an answer failed; the default is said");
                default.as_str().to_owned()
            })
        };
        Self {
            label: render(&texts.label, &default.label),
            cut: render(&texts.cut, &default.cut),
            interrupted: render(&texts.interrupted, &default.interrupted),
        }
    }
}

/// What the follower sees: as plain text, and where it is longer than `most` bytes, cut. Pictures
/// with these URLs are sent by themselves.
pub(crate) fn shown(markdown: &str, sent: &[String], most: usize, marks: &Marks) -> Shown {
    let mut text = plain(markdown, sent);
    if text.is_empty() && sent.is_empty() {
        // Markup alone, such as a rule.
        markdown.trim().clone_into(&mut text);
    }
    let is_cut = text.len() > most;
    if is_cut {
        let end = end_before(&text, most.saturating_sub(marks.cut.len()));
        text.truncate(end);
        text.truncate(text.trim_end().len());
        text.push_str(&marks.cut);
    }
    Shown { text, is_cut }
}

/// A text for WeChat.
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) is_cut: bool,
}

impl Shown {
    /// With the label below it.
    pub(crate) fn labelled(&self, marks: &Marks) -> String {
        match (&*self.text, &*marks.label) {
            (text, "") => text.to_owned(),
            ("", label) => label.to_owned(),
            (text, label) => format!("{text}\n\n{label}"),
        }
    }
}

/// Where a text of so many bytes may end: behind a line or a sentence, if one ends in its second
/// half, otherwise behind a character.
fn end_before(text: &str, most: usize) -> usize {
    let most = text.floor_char_boundary(most);
    let half = text.floor_char_boundary(most / 2);
    let ends = ['\n', '。', '！', '？', '；'];
    let last = text[half..most].char_indices().rfind(|(_, c)| ends.contains(c));
    last.map_or(most, |(at, c)| half + at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> Marks {
        Marks { label: "[AI]".into(), cut: "…".into(), interrupted: "（断了）".into() }
    }

    #[track_caller]
    fn check(text: &str, most: usize, expected: &str) {
        assert_eq!(
            shown(text, &[], most, &marks()).labelled(&marks()),
            expected,
            "{text:?} in {most}"
        );
    }

    #[test]
    fn a_text_is_cut_behind_a_sentence_and_labelled() {
        check("好。", 100, "好。\n\n[AI]");
        check("---", 100, "---\n\n[AI]");
        check("一二。三四五", 18, "一二。三四五\n\n[AI]");
        check("一二。三四五", 17, "一二。…\n\n[AI]");
        check("一二三四五六", 17, "一二三四…\n\n[AI]");
        check("一二\n三四五", 13, "一二…\n\n[AI]");
        check("一二三", 0, "…\n\n[AI]");
    }

    #[test]
    fn without_a_label_there_is_none() {
        let marks = Marks { label: String::new(), ..marks() };
        assert_eq!(shown("好", &[], 10, &marks).labelled(&marks), "好");
    }

    #[test]
    fn an_end_that_was_none_is_told() {
        let marked = |end| marked("a".into(), end, &marks());
        assert_eq!(marked(End::Stop), "a");
        assert_eq!(marked(End::Length), "a…");
        assert_eq!(marked(End::Broken), "a（断了）");
    }
}
