//! What a model is asked.

use std::sync::Arc;

use super::call::{Call, ToolSchema};
use crate::conversation::tokens;

/// The system prompt, what was said so far, and the question itself, which is last.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    system: String,
    user: String,
    conversation: Option<String>,
    said: Vec<Said>,
    /// Some APIs want the reasoning of earlier answers back, if only empty.
    with_reasoning: bool,
    tools: Arc<[ToolSchema]>,
    may_call: bool,
}

/// What one of the two said.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// A question, with a picture by its URL.
    Follower {
        /// In words.
        text: String,
        /// `https:` or `data:`.
        picture: Option<String>,
    },
    /// An answer.
    Model(String),
    /// The model wants to know something first.
    Called {
        /// What it said to that.
        text: String,
        /// And thought.
        reasoning: String,
        /// From these tools.
        calls: Vec<Call>,
    },
    /// What a tool said.
    Result {
        /// Of the call.
        id: String,
        /// In words.
        text: String,
    },
}

impl Question {
    /// Of this user; some APIs remember the conversation, by a name of their own.
    pub(crate) fn new(system: String, user: &str, conversation: Option<String>) -> Self {
        Self {
            system,
            user: user.to_owned(),
            conversation,
            said: Vec::new(),
            with_reasoning: false,
            tools: Arc::default(),
            may_call: false,
        }
    }

    /// The follower said this, with a picture by its URL.
    pub(crate) fn said(&mut self, text: &str, picture: Option<String>) {
        self.said.push(Said::Follower { text: text.to_owned(), picture });
    }

    /// The model said this.
    pub(crate) fn answered(&mut self, text: &str) {
        self.said.push(Said::Model(text.to_owned()));
    }

    /// The model may call these tools.
    pub(crate) fn offer(&mut self, tools: &Arc<[ToolSchema]>) {
        (self.tools, self.may_call) = (Arc::clone(tools), true);
    }

    /// The model has to answer now. The tools that it called are still named.
    pub(crate) fn end_calls(&mut self) {
        self.may_call = false;
    }

    /// The model called tools, and this came of it.
    pub(crate) fn called(
        &mut self,
        text: String,
        reasoning: String,
        calls: Vec<Call>,
        results: Vec<String>,
    ) {
        let ids: Vec<_> = calls.iter().map(|call| call.id.clone()).collect();
        self.said.push(Said::Called { text, reasoning, calls });
        let results = ids.into_iter().zip(results).map(|(id, text)| Said::Result { id, text });
        self.said.extend(results);
    }

    /// About how many tokens it has.
    pub(crate) fn tokens(&self) -> u64 {
        let of = |said: &Said| match said {
            Said::Follower { text, .. } | Said::Model(text) | Said::Result { text, .. } => {
                tokens(text)
            }
            Said::Called { text, calls, .. } => {
                tokens(text) + calls.iter().map(|call| tokens(&call.arguments)).sum::<u64>()
            }
        };
        tokens(&self.system) + self.said.iter().map(of).sum::<u64>()
    }

    /// Gives the reasoning of earlier answers back; whether it did not yet.
    pub(crate) fn give_reasoning(&mut self) -> bool {
        !std::mem::replace(&mut self.with_reasoning, true)
    }

    /// Begins a new conversation; whether there was one.
    pub(crate) fn leave_conversation(&mut self) -> bool {
        self.conversation.take().is_some()
    }

    /// Leaves out what was said before; whether there was anything.
    pub(crate) fn forget(&mut self) -> bool {
        let before = self.place();
        self.said.drain(..before);
        before > 0
    }

    /// Leaves out pictures that were shown before, where the question itself shows none; whether
    /// there were any.
    pub(crate) fn hide_pictures(&mut self) -> bool {
        let place = self.place();
        let (before, asked) = self.said.split_at_mut(place);
        if !matches!(asked.first(), Some(Said::Follower { picture: None, .. })) {
            return false;
        }
        let take = |said: &mut Said| match said {
            Said::Follower { picture, .. } => picture.take().is_some(),
            _ => false,
        };
        before.iter_mut().map(take).fold(false, |any, taken| any | taken)
    }

    /// The system prompt; may be empty.
    pub(crate) fn system(&self) -> &str {
        &self.system
    }

    /// Who asks.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// All that was said, the question last, and what was done for it.
    pub(crate) fn all(&self) -> &[Said] {
        &self.said
    }

    /// The question itself.
    pub(crate) fn last(&self) -> &str {
        match self.said.get(self.place()) {
            Some(Said::Follower { text, .. }) => text,
            _ => "",
        }
    }

    /// Where the question itself is: tools may have been called since.
    fn place(&self) -> usize {
        self.said.iter().rposition(|said| matches!(said, Said::Follower { .. })).unwrap_or(0)
    }

    pub(crate) fn tools(&self) -> &[ToolSchema] {
        &self.tools
    }

    pub(crate) fn may_call(&self) -> bool {
        self.may_call
    }

    /// What the API called the conversation so far.
    pub(crate) fn conversation(&self) -> Option<&str> {
        self.conversation.as_deref()
    }

    pub(crate) fn gives_reasoning(&self) -> bool {
        self.with_reasoning
    }
}
