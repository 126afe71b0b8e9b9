//! The vectors of the list, in the background: at the start, and of what is new in it whenever it
//! changed.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use wxbot_sdk::embeddings::{EmbeddingsError, Vector};
use wxbot_sdk::instance::InstanceContext;

use super::kept::Kept;
use super::{Embedder, LONGEST_PAUSE, PAUSE};
use crate::library::Library;

/// The longest that a batch may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Values that are read from the store at once.
const READ_AT_ONCE: usize = 64;
/// What came is searched after so long, while more comes.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// The work on one state of the list.
struct Work<'w> {
    embedder: &'w Embedder,
    library: &'w Library,
    kept: Option<Kept<'w>>,
    shown: Instant,
    /// Texts that are refused, one by one.
    refused: usize,
    pause: Duration,
}

impl Embedder {
    /// Makes what is missing, for as long as the bot serves.
    pub(crate) async fn keep_up(&self, library: &Library, ctx: &InstanceContext) {
        let mut changes = library.changes();
        loop {
            changes.borrow_and_update();
            let kept = Kept::new(ctx.store(), self.source.space(), ctx.unix_now());
            let mut work = Work {
                embedder: self,
                library,
                kept: kept.filter(|_| library.trusts_kept()),
                shown: Instant::now(),
                refused: 0,
                pause: PAUSE,
            };
            tokio::select! {
                () = work.all() => {}
                _ = changes.changed() => continue,
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Work<'_> {
    async fn all(&mut self) {
        let missing = self.library.without_vectors();
        let missing = self.read(missing).await;
        let count = missing.len();
        for batch in missing.chunks(self.embedder.source.batch().max(1)) {
            self.embed(batch).await;
        }
        self.library.show_vectors();
        if count > 0 {
            let (made, refused) = (count - self.refused, self.refused);
            tracing::info!(made, refused, "the questions have vectors");
        }
    }

    /// Takes what the store has; the others are returned.
    async fn read(&mut self, texts: Vec<String>) -> Vec<String> {
        let Some(kept) = &self.kept else { return texts };
        let mut missing = Vec::new();
        for texts in texts.chunks(READ_AT_ONCE) {
            let found = join_all(texts.iter().map(|text| kept.get(text))).await;
            for (text, vector) in texts.iter().zip(found) {
                match vector {
                    Some(vector) => self.library.learn(text, vector),
                    None => missing.push(text.clone()),
                }
            }
        }
        self.library.show_vectors();
        missing
    }

    /// Until they are there, or refused. What is refused with others is tried by itself.
    async fn embed(&mut self, texts: &[String]) {
        if self.make(texts).await.is_ok() {
            return;
        }
        let refused_before = self.refused;
        for text in texts {
            if let Err(why) = self.make(std::slice::from_ref(text)).await {
                self.refused += 1;
                tracing::warn!(why, "a question of the list gets no vector");
            }
        }
        if self.refused == refused_before + texts.len() {
            // As likely it is the request that is wrong, whatever it is about.
            self.rest(None).await;
        }
    }

    /// `Err` says why these are refused; where nobody is there, it is tried until somebody is.
    async fn make(&mut self, texts: &[String]) -> Result<(), String> {
        loop {
            match self.embedder.source.embed(texts, TIMEOUT).await {
                Ok(vectors) => {
                    self.take(texts, vectors).await;
                    return Ok(());
                }
                Err(EmbeddingsError::Refused(why)) => return Err(why),
                Err(error @ EmbeddingsError::Unavailable { after, .. }) => {
                    self.embedder.failed(&error);
                    self.rest(after).await;
                }
            }
        }
    }

    async fn take(&mut self, texts: &[String], vectors: Vec<Vector>) {
        self.pause = PAUSE;
        if let Some(kept) = &self.kept {
            join_all(texts.iter().zip(&vectors).map(|(text, vector)| kept.put(text, vector))).await;
        }
        for (text, vector) in texts.iter().zip(vectors) {
            self.library.learn(text, vector);
        }
        if self.shown.elapsed() >= SHOWN_AFTER {
            self.library.show_vectors();
            self.shown = Instant::now();
        }
    }

    /// Ever longer, and at least as long as is asked for.
    async fn rest(&mut self, after: Option<Duration>) {
        self.library.show_vectors();
        sleep(self.pause.max(after.unwrap_or_default()).min(LONGEST_PAUSE)).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}
