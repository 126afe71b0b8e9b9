//! What other entries of the chain know about a question: put before the model as data.
//!
//! It is part of the system prompt, as it comes from the operator alone.

use wxbot_sdk::context::Context;
use wxbot_sdk::knowledge::Passage;
use wxbot_sdk::template::TemplateError;

use crate::config::Config;

/// Of each entry; the best are first.
const MOST_PASSAGES: usize = 5;

/// What the model is told of them.
pub(crate) async fn reference(
    ctx: &Context,
    config: &Config,
    asked: &str,
) -> Result<Option<String>, TemplateError> {
    let mut reference = Reference { text: String::new(), room: config.knowledge_chars };
    for source in ctx.directory().knowledge(&config.knowledge, ctx.subject()) {
        match source.search(asked, MOST_PASSAGES, ctx.unix_now()).await {
            Ok(passages) => passages.iter().for_each(|passage| reference.add(passage)),
            Err(error) => tracing::warn!(%error, "knowledge can't be searched; answering without"),
        }
    }
    Ok(reference.under(&config.texts.reference.render(ctx)?))
}

struct Reference {
    text: String,
    /// In characters.
    room: usize,
}

impl Reference {
    /// A passage that does not fit is left out; the first one is cut.
    fn add(&mut self, Passage { title, text }: &Passage) {
        let written = format!("问：{}\n答：{}\n", title.trim(), text.trim());
        let length = written.chars().count();
        if length <= self.room {
            self.text.push_str(&written);
            self.room -= length;
        } else if self.text.is_empty() {
            self.text.extend(written.chars().take(self.room).chain(['\n']));
            self.room = 0;
        }
    }

    fn under(self, heading: &str) -> Option<String> {
        let Self { text, .. } = self;
        (!text.trim().is_empty()).then(|| format!("{heading}\n<reference>\n{text}</reference>"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(room: usize, expected: Option<&str>) {
        let mut reference = Reference { text: String::new(), room };
        for (title, text) in [("甲？", "子"), ("乙乙？", "丑"), ("丙？", "寅")] {
            reference.add(&Passage { title: title.into(), text: text.into() });
        }
        let expected = expected.map(|text| format!("H\n<reference>\n{text}</reference>"));
        assert_eq!(reference.under("H"), expected, "{room}");
    }

    #[test]
    fn it_has_a_bound_in_characters() {
        check(100, Some("问：甲？\n答：子\n问：乙乙？\n答：丑\n问：丙？\n答：寅\n"));
        check(18, Some("问：甲？\n答：子\n问：丙？\n答：寅\n"));
        check(9, Some("问：甲？\n答：子\n"));
        check(4, Some("问：甲？\n"));
        check(0, None);
    }
}
