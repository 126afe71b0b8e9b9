//! What a model said, made fit for WeChat: plain, not too long, and labelled.

use crate::config::Texts;
use crate::model::End;
use crate::plain::plain;

/// What the model said, with a note where it was not allowed to end.
pub(crate) fn marked(text: String, end: End, texts: &Texts) -> String {
    match end {
        End::Stop => text,
        End::Length => text + &texts.cut,
        End::Broken => text + &texts.interrupted,
    }
}

/// What the follower sees: as plain text, and where it is longer than `most` bytes, cut. Pictures
/// with these URLs are sent by themselves.
pub(crate) fn shown(markdown: &str, sent: &[String], most: usize, texts: &Texts) -> Shown {
    let mut text = plain(markdown, sent);
    if text.is_empty() && sent.is_empty() {
        // Markup alone, such as a rule.
        markdown.trim().clone_into(&mut text);
    }
    let is_cut = text.len() > most;
    if is_cut {
        let end = end_before(&text, most.saturating_sub(texts.cut.len()));
        text.truncate(end);
        text.truncate(text.trim_end().len());
        text.push_str(&texts.cut);
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
    pub(crate) fn labelled(&self, texts: &Texts) -> String {
        match (&*self.text, &*texts.label) {
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

    fn texts() -> Texts {
        Texts { label: "[AI]".into(), cut: "…".into(), ..Texts::default() }
    }

    #[track_caller]
    fn check(text: &str, most: usize, expected: &str) {
        assert_eq!(
            shown(text, &[], most, &texts()).labelled(&texts()),
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
        let texts = Texts { label: String::new(), ..texts() };
        assert_eq!(shown("好", &[], 10, &texts).labelled(&texts), "好");
    }

    #[test]
    fn an_end_that_was_none_is_told() {
        let marked = |end| marked("a".into(), end, &texts());
        assert_eq!(marked(End::Stop), "a");
        assert_eq!(marked(End::Length), "a…");
        assert_eq!(marked(End::Broken), format!("a{}", Texts::default().interrupted));
    }
}
