//! The vectors of the list, in the background: at the start, and of what is new in it whenever it
//! changed.

use std::collections::VecDeque;
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
/// A batch that failed so often is tried text by text.
const TRIES: usize = 3;
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
    made: usize,
    /// Texts that are refused while others are not.
    refused: usize,
    /// Texts that failed alone; they are tried again once the others are done.
    set_aside: VecDeque<String>,
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
                kept,
                shown: Instant::now(),
                made: 0,
                refused: 0,
                set_aside: VecDeque::new(),
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
            self.embed_batch(batch).await;
        }
        self.library.show_vectors();
        if count > 0 {
            let (made, refused, failed) = (self.made, self.refused, self.set_aside.len());
            tracing::info!(made, refused, failed, "the questions have vectors");
        }
        self.retry_set_aside().await;
    }

    /// Takes what the store has; the others are returned. What it has of another model is not read,
    /// but written over.
    async fn read(&mut self, texts: Vec<String>) -> Vec<String> {
        let kept = self.kept.as_ref().filter(|_| self.library.trusts_kept());
        let Some(kept) = kept else { return texts };
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

    /// What fails with others is tried by itself: one text that the model cannot do must not keep
    /// the vectors from those behind it.
    async fn embed_batch(&mut self, texts: &[String]) {
        if self.embed_with_retry(texts, TRIES).await.is_ok() {
            return;
        }
        let made_before = self.made;
        for text in texts {
            self.embed_alone(text).await;
        }
        if self.made == made_before {
            // As likely it is the request that is wrong, whatever it is about.
            self.rest(None).await;
        }
    }

    async fn embed_alone(&mut self, text: &String) -> bool {
        match self.embed_with_retry(std::slice::from_ref(text), 1).await {
            Ok(()) => return true,
            // As long as nothing was made it may as well be the account that is refused.
            Err(error @ EmbeddingsError::Refused(_)) if self.made > 0 => {
                self.refused += 1;
                tracing::warn!(%error, text, "a question of the list is refused a vector");
            }
            Err(error) => {
                tracing::debug!(%error, text, "a question of the list gets no vector for now");
                self.set_aside.push_back(text.clone());
            }
        }
        false
    }

    /// In turn, ever less often while they fail.
    async fn retry_set_aside(&mut self) {
        while !self.set_aside.is_empty() {
            self.rest(None).await;
            while let Some(text) = self.set_aside.pop_front() {
                if !self.embed_alone(&text).await {
                    break;
                }
            }
            self.library.show_vectors();
        }
    }

    /// Until there are vectors, or these texts were refused, or failed so often. Where nobody makes
    /// any, of whatever text, it is tried until somebody does.
    async fn embed_with_retry(
        &mut self,
        texts: &[String],
        tries: usize,
    ) -> Result<(), EmbeddingsError> {
        let mut failed = 0;
        loop {
            let error = match self.embedder.source.embed(texts, TIMEOUT).await {
                Ok(vectors) => {
                    self.take(texts, vectors).await;
                    return Ok(());
                }
                Err(error) => error,
            };
            match &error {
                EmbeddingsError::Refused(_) => return Err(error),
                EmbeddingsError::Failed(_) => {
                    failed += 1;
                    if failed >= tries {
                        return Err(error);
                    }
                    self.rest(None).await;
                }
                EmbeddingsError::Crowded => self.rest(None).await,
                EmbeddingsError::Unavailable { why, after } => {
                    self.embedder.pause(why, *after);
                    self.rest(*after).await;
                }
            }
        }
    }

    async fn take(&mut self, texts: &[String], vectors: Vec<Vector>) {
        self.pause = PAUSE;
        self.made += texts.len();
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
