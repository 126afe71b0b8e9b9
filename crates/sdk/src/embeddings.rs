//! Embeddings: texts as vectors, which an entry of the chain makes for other entries.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

/// A text as a vector of length 1: the dot product of two is their cosine.
pub type Vector = Arc<[f32]>;

/// Makes vectors of texts, such that texts of one meaning are near to each other. An entry that can
/// returns it from [`Handler::embeddings`](crate::plugin::Handler::embeddings); who uses it finds it in
/// the [directory](crate::directory::Directory::embeddings).
///
/// A text may go to a provider elsewhere.
#[async_trait]
pub trait Embeddings: Send + Sync {
    /// Names the space of the vectors, by all that they depend on beside the text: the model, where it
    /// is, and its settings. Those of different spaces can't be compared. An address may be secret, so
    /// the name is not shown or stored as it is.
    fn space(&self) -> &str;

    /// The most texts of one call.
    fn batch(&self) -> usize;

    /// A vector for each text, in order, all of one dimension. It takes no longer than `within`,
    /// whatever happens, and tries again by itself while that lasts.
    async fn embed(
        &self,
        texts: &[String],
        within: Duration,
    ) -> Result<Vec<Vector>, EmbeddingsError>;
}

/// Why there are no vectors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingsError {
    /// These texts are refused, as too long or by moderation: others may be taken.
    #[error("{0}")]
    Refused(String),
    /// It failed, and these texts may be why: others may work, or none.
    #[error("{0}")]
    Failed(String),
    /// No turn in time, as too many are asked for at once. The provider was not asked.
    #[error("too many embeddings at once")]
    Crowded,
    /// None are made now, of whatever text.
    #[error("{why}")]
    Unavailable {
        /// What is the matter.
        why: String,
        /// When to ask again, if that is known.
        after: Option<Duration>,
    },
}
