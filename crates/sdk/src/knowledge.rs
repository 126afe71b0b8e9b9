//! Knowledge: what an entry of the chain lets other entries look up.

use async_trait::async_trait;

use crate::plugin_error::HandlerError;

/// What can be looked up in an entry, such as its questions with their answers. An entry that has
/// any returns it from [`Handler::knowledge`](crate::plugin::Handler::knowledge); who uses it finds
/// it in the [directory](crate::directory::Directory::knowledge).
///
/// What it holds comes from the operator, never from followers: a language model is told it.
#[async_trait]
pub trait Knowledge: Send + Sync {
    /// The passages that are near to a text, the nearest first, no more than `most`. `now` is Unix
    /// seconds.
    async fn search(&self, text: &str, most: usize, now: u64)
    -> Result<Vec<Passage>, HandlerError>;
}

/// A piece of knowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is about, such as a question.
    pub title: String,
    /// What is known about it.
    pub text: String,
}
