//! Has another entry make vectors, of the list and of what is asked.
//!
//! Nothing depends on it: as long as there is no vector, for whatever reason, the full text answers.

mod kept; // beyond the process
mod list; // of the list, in the background

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wxbot_sdk::embeddings::{Embeddings, EmbeddingsError, Vector};

/// A follower waits for the vector of a question no longer than this.
const PATIENCE: Duration = Duration::from_millis(1500);
/// After a failure that is about all questions no follower waits for so long.
const PAUSE: Duration = Duration::from_secs(10);
/// Whoever is told to come back later than this asks all the same.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// After so many failures in a row, of different questions, it is no longer about the questions.
const MOST_FAILED: usize = 5;
/// What is asked is mostly short; of what is longer the beginning says what it is about.
const MOST_CHARACTERS: usize = 500;
/// Questions whose vectors are remembered.
const MOST_RECENT: usize = 500;

/// Vectors from another entry.
pub(crate) struct Embedder {
    source: Arc<dyn Embeddings>,
    recent: Mutex<HashMap<String, Vector>>,
    health: Mutex<Health>,
}

/// How the source does.
#[derive(Default)]
struct Health {
    /// Nobody is asked before.
    paused_until: Option<Instant>,
    /// Questions that failed since one worked.
    failed: HashSet<String>,
}

impl Embedder {
    pub(crate) fn new(source: Arc<dyn Embeddings>) -> Self {
        Self { source, recent: Mutex::default(), health: Mutex::default() }
    }

    /// The vector of a question; `None` where there is none soon. One that is remembered with other
    /// dimensions is of a model from before, and made again.
    pub(crate) async fn of_question(&self, asked: &str, dimensions: usize) -> Option<Vector> {
        let asked: String = asked.chars().take(MOST_CHARACTERS).collect();
        if let Some(vector) = self.recent().get(&asked).filter(|one| one.len() == dimensions) {
            return Some(Arc::clone(vector));
        }
        if self.is_paused() {
            return None;
        }
        match self.source.embed(std::slice::from_ref(&asked), PATIENCE).await {
            Ok(mut vectors) => {
                let vector = vectors.pop()?;
                self.health().failed.clear();
                self.remember(asked, &vector);
                Some(vector)
            }
            Err(error) => {
                self.failed(asked, &error);
                None
            }
        }
    }

    fn remember(&self, asked: String, vector: &Vector) {
        let mut recent = self.recent();
        if recent.len() >= MOST_RECENT {
            recent.clear();
        }
        recent.insert(asked, Arc::clone(vector));
    }

    /// What is about one question pauses nothing: a follower could switch vectors off for all.
    fn failed(&self, asked: String, error: &EmbeddingsError) {
        match error {
            EmbeddingsError::Unavailable { why, after } => self.pause(why, *after),
            EmbeddingsError::Failed(why) => {
                tracing::debug!(why, "a question got no vector");
                let count = {
                    let failed = &mut self.health().failed;
                    failed.insert(asked);
                    failed.len()
                };
                if count >= MOST_FAILED {
                    self.pause(why, None);
                }
            }
            EmbeddingsError::Refused(_) | EmbeddingsError::Crowded => {
                tracing::debug!(%error, "a question got no vector");
            }
        }
    }

    /// No earlier than a pause that is on ends, and the log says so once for each.
    fn pause(&self, why: &str, after: Option<Duration>) {
        let pause = after.unwrap_or(PAUSE).clamp(PAUSE, LONGEST_PAUSE);
        let now = Instant::now();
        let mut health = self.health();
        if health.paused_until.is_none_or(|until| until <= now) {
            tracing::warn!(why, ?pause, "no embeddings; answering by full text alone");
        }
        health.paused_until = health.paused_until.max(Some(now + pause));
        health.failed.clear();
    }

    fn is_paused(&self) -> bool {
        self.health().paused_until.is_some_and(|until| Instant::now() < until)
    }

    fn recent(&self) -> MutexGuard<'_, HashMap<String, Vector>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;

    /// A model with one dimension more each time.
    #[derive(Default)]
    struct Growing(AtomicUsize);

    #[async_trait]
    impl Embeddings for Growing {
        fn space(&self) -> &str {
            "growing"
        }

        fn batch(&self) -> usize {
            1
        }

        async fn embed(
            &self,
            texts: &[String],
            _: Duration,
        ) -> Result<Vec<Vector>, EmbeddingsError> {
            let dimensions = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Ok(texts.iter().map(|_| vec![1.0; dimensions].into()).collect())
        }
    }

    #[tokio::test]
    async fn what_is_remembered_of_another_model_is_made_again() {
        let embedder = Embedder::new(Arc::new(Growing::default()));
        for (dimensions, expected) in [(1, 1), (1, 1), (2, 2), (2, 2)] {
            let vector = embedder.of_question("能退吗", dimensions).await.unwrap();
            assert_eq!(vector.len(), expected);
        }
    }
}
