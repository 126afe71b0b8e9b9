//! What a model is asked.

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
}

impl Question {
    /// Of this user; some APIs remember the conversation, by a name of their own.
    pub(crate) fn new(system: String, user: &str, conversation: Option<String>) -> Self {
        let (said, user) = (Vec::new(), user.to_owned());
        Self { system, user, conversation, said, with_reasoning: false }
    }

    /// The follower said this, with a picture by its URL.
    pub(crate) fn said(&mut self, text: &str, picture: Option<String>) {
        self.said.push(Said::Follower { text: text.to_owned(), picture });
    }

    /// The model said this.
    pub(crate) fn answered(&mut self, text: &str) {
        self.said.push(Said::Model(text.to_owned()));
    }

    /// About how many tokens it has.
    pub(crate) fn tokens(&self) -> u64 {
        let of = |said: &Said| match said {
            Said::Follower { text, .. } | Said::Model(text) => tokens(text),
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
        let before = self.said.len().saturating_sub(1);
        self.said.drain(..before);
        before > 0
    }

    /// Leaves out pictures that were shown before, where the question itself shows none; whether
    /// there were any.
    pub(crate) fn hide_pictures(&mut self) -> bool {
        let Some((Said::Follower { picture: None, .. }, before)) = self.said.split_last_mut()
        else {
            return false;
        };
        let take = |said: &mut Said| match said {
            Said::Follower { picture, .. } => picture.take().is_some(),
            Said::Model(_) => false,
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

    /// All that was said, the question last.
    pub(crate) fn all(&self) -> &[Said] {
        &self.said
    }

    /// The question itself.
    pub(crate) fn last(&self) -> &str {
        match self.said.last() {
            Some(Said::Follower { text, .. } | Said::Model(text)) => text,
            None => "",
        }
    }

    /// What the API called the conversation so far.
    pub(crate) fn conversation(&self) -> Option<&str> {
        self.conversation.as_deref()
    }

    pub(crate) fn gives_reasoning(&self) -> bool {
        self.with_reasoning
    }
}
