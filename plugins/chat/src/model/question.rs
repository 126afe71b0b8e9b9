//! What a model is asked.

use serde_json::{Value, json};

use crate::conversation::tokens;

/// The system prompt, what was said so far, and the question itself, which is last.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    system: String,
    said: Vec<Said>,
    /// Some APIs want the reasoning of earlier answers back, if only empty.
    with_reasoning: bool,
}

#[derive(Debug, Clone)]
enum Said {
    Follower { text: String, picture: Option<String> },
    Model(String),
}

impl Question {
    pub(crate) fn new(system: String) -> Self {
        Self { system, said: Vec::new(), with_reasoning: false }
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

    /// As OpenAI writes it.
    pub(crate) fn messages(&self, with_reasoning: bool) -> Value {
        let with_reasoning = with_reasoning || self.with_reasoning;
        let system =
            (!self.system.is_empty()).then(|| json!({ "role": "system", "content": self.system }));
        let said = self.said.iter().map(|said| match said {
            Said::Follower { text, picture: None } => json!({ "role": "user", "content": text }),
            Said::Follower { text, picture: Some(url) } => json!({ "role": "user", "content": [
                { "type": "text", "text": text },
                { "type": "image_url", "image_url": { "url": url } },
            ] }),
            Said::Model(text) if with_reasoning => {
                json!({ "role": "assistant", "content": text, "reasoning_content": "" })
            }
            Said::Model(text) => json!({ "role": "assistant", "content": text }),
        });
        system.into_iter().chain(said).collect()
    }
}
