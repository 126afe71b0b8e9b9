//! Replies as they stand in `bot.toml`: one, or a list to pick from.

use std::hash::{DefaultHasher, Hash, Hasher};

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Reply;
use crate::message::Message;

/// `reply = "…"`, `reply = { image = "…" }` or `reply = ["…", "…"]`. A list in that list is several
/// replies, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "Reply")]
pub struct ReplyChoice(Vec<Reply>);

impl ReplyChoice {
    /// Picks the reply to a message: the same one whenever the same message comes, so that a
    /// repeated delivery is answered alike.
    pub fn pick(&self, message: &Message) -> &Reply {
        let mut hasher = DefaultHasher::new();
        (&message.openid, message.msg_id, message.create_time).hash(&mut hasher);
        let place = hasher.finish() % self.0.len() as u64;
        &self.0[place as usize]
    }

    /// All that may be picked.
    pub fn replies(&self) -> impl Iterator<Item = &Reply> {
        self.0.iter()
    }
}

impl From<&str> for ReplyChoice {
    fn from(text: &str) -> Self {
        Self(vec![Reply::text(text)])
    }
}

impl<'de> Deserialize<'de> for ReplyChoice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Reply::deserialize(from)? {
            Reply::Several(replies) if replies.is_empty() => {
                Err(Error::custom("a list to pick from needs a reply"))
            }
            Reply::Several(replies) => Ok(Self(replies)),
            one => Ok(Self(vec![one])),
        }
    }
}
