//! Finds what is nearest to a question, by its words and by what it means.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use wxbot_sdk::embeddings::Embeddings;
use wxbot_sdk::instance::InstanceContext;

use crate::embedder::Embedder;
use crate::index::{Found, as_u32, is_exact, nearest};
use crate::library::{Library, Loaded};

/// How much it counts that two mean the same, against that they have words in common. So what has none
/// is answered only where there is hardly a doubt: vectors of opposites are near, too.
const OF_MEANING: f32 = 0.8;

/// The list, and how it is searched.
pub(crate) struct Search {
    library: Arc<Library>,
    embedder: OnceLock<Arc<Embedder>>,
    /// Cosines that count as 0 and as 1.
    cosine: [f32; 2],
}

/// What a search found.
pub(crate) struct Nearest {
    /// The nearest first.
    pub(crate) found: Vec<Found>,
    /// There should have been vectors, and were not.
    pub(crate) is_without_vectors: bool,
}

impl Search {
    pub(crate) fn new(library: Library, cosine: [f32; 2]) -> Self {
        Self { library: Arc::new(library), embedder: OnceLock::new(), cosine }
    }

    /// From now on vectors are made there.
    pub(crate) fn use_embeddings(&self, source: Arc<dyn Embeddings>) {
        let _ = self.embedder.set(Arc::new(Embedder::new(source)));
    }

    /// Has the vectors of the list made, beside the messages.
    pub(crate) fn keep_up(&self, ctx: &InstanceContext) {
        let Some(embedder) = self.embedder.get().map(Arc::clone) else { return };
        let (library, instance) = (Arc::clone(&self.library), ctx.clone());
        ctx.spawn(async move { embedder.keep_up(&library, &instance).await });
    }

    /// The list as it is now, in Unix seconds.
    pub(crate) fn loaded(&self, now: u64) -> Arc<Loaded> {
        self.library.refresh(now);
        self.library.loaded()
    }

    /// What of the files is not read.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.library.loaded().warnings.clone()
    }

    /// The nearest entries to a normalised text. What was asked exactly goes nowhere else.
    pub(crate) async fn nearest(&self, loaded: &Loaded, asked: &str, count: usize) -> Nearest {
        let by_words = loaded.index.scores(asked);
        let best = by_words.values().copied().fold(0.0, f32::max);
        let is_open = !is_exact(best) && asked.contains(char::is_alphanumeric);
        let embedder = self.embedder.get().filter(|_| is_open);
        let cosines = match embedder {
            Some(embedder) => self.cosines(embedder, loaded, asked).await,
            None => None,
        };
        let is_without_vectors = embedder.is_some() && cosines.is_none();
        let cosines = cosines.unwrap_or_default();
        let found = nearest(self.by_both(&by_words, &cosines), count);
        log_nearest(loaded, found.first(), &by_words, &cosines);
        Nearest { found, is_without_vectors }
    }

    async fn cosines(
        &self,
        embedder: &Embedder,
        loaded: &Loaded,
        asked: &str,
    ) -> Option<HashMap<u32, f32>> {
        let dimensions = loaded.vectors.load().dimensions()?;
        let asked = embedder.of_question(asked, dimensions).await?;
        if asked.len() != dimensions {
            self.library.forget_vectors_unless(asked.len());
            return None;
        }
        let vectors = loaded.vectors.load_full();
        vectors.dimensions().filter(|has| *has == dimensions)?;
        Some(vectors.cosines(&asked))
    }

    /// An entry is as near as by its words alone, or nearer.
    fn by_both(
        &self,
        by_words: &HashMap<u32, f32>,
        cosines: &HashMap<u32, f32>,
    ) -> HashMap<u32, f32> {
        let ([from, to], mut scores) = (self.cosine, by_words.clone());
        for (entry, cosine) in cosines {
            let meaning = ((cosine - from) / (to - from)).clamp(0.0, 1.0);
            if meaning > 0.0 {
                let score = scores.entry(*entry).or_default();
                *score = score.max(OF_MEANING * meaning + (1.0 - OF_MEANING) * *score);
            }
        }
        scores
    }
}

/// For whoever sets the thresholds: also where it is not near enough to be found.
fn log_nearest(
    loaded: &Loaded,
    found: Option<&Found>,
    by_words: &HashMap<u32, f32>,
    cosines: &HashMap<u32, f32>,
) {
    let by_meaning = || cosines.iter().max_by(|one, other| one.1.total_cmp(other.1));
    let score = found.map_or(0.0, |found| found.score);
    let nearest = found.map(|found| as_u32(found.entry)).or_else(|| Some(*by_meaning()?.0));
    let Some(entry) = nearest else {
        tracing::debug!(score, "no question of the list has a word in common");
        return;
    };
    let words = by_words.get(&entry).copied().unwrap_or_default();
    let cosine = cosines.get(&entry).copied();
    let question = &loaded.entries[entry as usize].question;
    tracing::debug!(score, words, cosine, question, "nearest question of the list");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: f32, cosine: f32, expected: f32) {
        let library = Library::open(Vec::new(), Vec::new(), Default::default()).unwrap();
        let search = Search::new(library, [0.4, 0.9]);
        let score = search.by_both(&[(3, words)].into(), &[(3, cosine)].into())[&3];
        assert!((score - expected).abs() < 1e-5, "{words}, {cosine}: {score}");
    }

    #[test]
    fn meaning_brings_nearer_and_never_takes_away() {
        check(0.0, 0.9, 0.8);
        check(0.0, 0.65, 0.4);
        check(0.5, 0.65, 0.5);
        check(0.5, 0.9, 0.9);
        check(0.99, 1.0, 0.998);
        check(0.3, 0.4, 0.3);
        check(0.3, -1.0, 0.3);
    }
}
