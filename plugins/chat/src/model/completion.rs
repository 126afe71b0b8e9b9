//! An answer as it is put together from what an API sends, whole or in pieces.

use super::call::{Call, Calls};

/// In bytes: about a hundred messages.
const MAX_TEXT: usize = 256 << 10;

/// What came so far.
#[derive(Debug, Default)]
pub(crate) struct Completion {
    text: String,
    /// What it thought, where that is told apart.
    reasoning: String,
    calls: Calls,
    finish: Option<String>,
    tokens: Option<u64>,
    conversation: Option<String>,
    is_one: bool,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The model had no more to say.
    Stop,
    /// It had, and may not.
    Length,
    /// The connection broke, or nothing came any more.
    Broken,
}

impl Completion {
    /// Something came that is a part of an answer.
    pub(crate) fn begin(&mut self) {
        self.is_one = true;
    }

    /// The model said this next. What nobody would read to its end is not kept.
    pub(crate) fn say(&mut self, text: &str) {
        append(&mut self.text, text);
    }

    /// The model thought this.
    pub(crate) fn think(&mut self, text: &str) {
        append(&mut self.reasoning, text);
    }

    /// The tools that the model calls, or parts of that.
    pub(crate) fn calls(&mut self) -> &mut Calls {
        &mut self.calls
    }

    /// The model takes back what it said.
    pub(crate) fn take_back(&mut self) {
        self.text.clear();
    }

    /// The model is done, and why.
    pub(crate) fn finish(&mut self, reason: &str) {
        self.finish = Some(reason.to_owned());
    }

    /// So many tokens so far; the last count is the whole one.
    pub(crate) fn count(&mut self, tokens: Option<u64>) {
        self.tokens = tokens.or(self.tokens);
    }

    /// What the API calls the conversation.
    pub(crate) fn belongs_to(&mut self, conversation: &str) {
        self.conversation = Some(conversation.to_owned());
    }

    /// Whether anything of an answer came at all.
    pub(crate) fn is_one(&self) -> bool {
        self.is_one
    }

    /// Whether the model said that it is done.
    pub(crate) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn reasoning(&self) -> &str {
        &self.reasoning
    }

    /// The tools that the model called.
    pub(crate) fn finished_calls(&self) -> Vec<Call> {
        self.calls.finished()
    }

    pub(crate) fn tokens(&self) -> Option<u64> {
        self.tokens
    }

    pub(crate) fn conversation(&mut self) -> Option<String> {
        self.conversation.take()
    }

    pub(crate) fn end(&self) -> End {
        if self.finish.as_deref() == Some("length") { End::Length } else { End::Stop }
    }
}

fn append(text: &mut String, piece: &str) {
    let room = MAX_TEXT.saturating_sub(text.len());
    text.push_str(&piece[..piece.floor_char_boundary(room)]);
}
