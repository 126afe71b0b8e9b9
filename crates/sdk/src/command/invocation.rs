//! A text that may be a command: a slash or none, a name, and the rest.

use crate::normalize::{is_invisible, normalize};

/// What a text says when it is a command.
#[derive(Debug)]
pub(crate) struct Invocation<'t> {
    has_slash: bool,
    name: String,
    /// From the name on, as it was written.
    written: &'t str,
    rest: &'t str,
}

impl<'t> Invocation<'t> {
    /// Any text with a word in it; one with a blank behind its slash is none.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let behind_slash = text.strip_prefix(['/', '／']);
        let written = behind_slash.unwrap_or(text);
        let end = written.find(char::is_whitespace).unwrap_or(written.len());
        let (name, rest) = written.split_at(end);
        let name = name_of(name);
        let has_slash = behind_slash.is_some();
        (!name.is_empty()).then_some(Self { has_slash, name, written, rest })
    }

    pub(crate) fn has_slash(&self) -> bool {
        self.has_slash
    }

    /// In lower case and half width, without the full stop that ends a voice message.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn written(&self) -> &'t str {
        self.written
    }

    pub(super) fn rest(&self) -> &'t str {
        self.rest
    }
}

fn name_of(word: &str) -> String {
    let name = normalize(word).to_lowercase();
    match name.trim_end_matches(['。', '.', '!', '?', ',', '，']) {
        "" => name,
        trimmed => trimmed.to_owned(),
    }
}
