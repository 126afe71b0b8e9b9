//! The entries of the settings and of the files, and the index over them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tokio::sync::watch;
use wxbot_sdk::embeddings::Vector;

use crate::entry::Entry;
use crate::file::{self, FileError};
use crate::index::Index;
use crate::known::Known;
use crate::vectors::Vectors;

/// Reads its files again when they changed. Whoever searches meanwhile finds what was there before.
pub(crate) struct Library {
    own: Vec<Entry>,
    files: Vec<PathBuf>,
    every: Duration,
    loaded: ArcSwap<Loaded>,
    seen: Mutex<Seen>,
    known: Known,
    /// Told when the list is another one, or has lost its vectors.
    changes: watch::Sender<()>,
}

/// What is searched.
pub(crate) struct Loaded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) index: Index,
    pub(crate) vectors: ArcSwap<Vectors>,
    /// What of the files is not read.
    pub(crate) warnings: Vec<String>,
    by_question: HashMap<String, usize>,
}

/// When it was looked, in Unix seconds, and what the files were like.
struct Seen {
    at: u64,
    files: Vec<Option<Stamp>>,
}

/// A file that changed has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    bytes: u64,
}

impl Library {
    /// Reads everything; a file that can't be read is an error.
    pub(crate) fn open(
        own: Vec<Entry>,
        files: Vec<PathBuf>,
        every: Duration,
    ) -> Result<Self, FileError> {
        let seen = Seen { at: 0, files: stamps(&files) };
        let loaded = Loaded::read(&own, &files)?;
        let loaded = ArcSwap::from_pointee(loaded);
        let (seen, known, changes) = (Mutex::new(seen), Known::default(), watch::Sender::default());
        Ok(Self { own, files, every, loaded, seen, known, changes })
    }

    pub(crate) fn loaded(&self) -> Arc<Loaded> {
        self.loaded.load_full()
    }

    /// Looks whether the files changed, if it is time, and reads them then. While one can't be read,
    /// what was there before stays, and the log says so once.
    pub(crate) fn refresh(&self, now: u64) {
        // Somebody else does it.
        let Ok(mut seen) = self.seen.try_lock() else { return };
        if self.files.is_empty() || now < seen.at + self.every.as_secs() {
            return;
        }
        seen.at = now;
        let files = stamps(&self.files);
        if files == seen.files {
            return;
        }
        seen.files = files;
        match Loaded::read(&self.own, &self.files) {
            Ok(loaded) => {
                tracing::info!(entries = loaded.entries.len(), "questions and answers read again");
                for warning in &loaded.warnings {
                    tracing::warn!(warning, "a part of the questions and answers is not read");
                }
                self.known.retain(&loaded.entries);
                // What did not change is found by its vector at once.
                loaded.vectors.store(Arc::new(self.known.vectors(&loaded.entries)));
                self.loaded.store(Arc::new(loaded));
                self.changes.send_replace(());
            }
            Err(error) => tracing::warn!(
                error = error.with_cause(),
                "questions and answers can't be read; those from before stay in use"
            ),
        }
    }
}

/// With vectors, as far as they are there.
impl Library {
    /// Hears when there may be wordings without one.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Wordings that have none yet, normalised, each once.
    pub(crate) fn without_vectors(&self) -> Vec<String> {
        self.known.missing(&self.loaded().entries)
    }

    /// From now on this wording has one, once it is [shown](Self::show_vectors).
    pub(crate) fn learn(&self, text: &str, vector: Vector) {
        self.forget_vectors_unless(vector.len());
        self.known.add(text, vector);
    }

    /// Has those that were learnt searched.
    pub(crate) fn show_vectors(&self) {
        let loaded = self.loaded();
        loaded.vectors.store(Arc::new(self.known.vectors(&loaded.entries)));
    }

    /// What has other dimensions is of another model, whatever it is called: all are made again.
    pub(crate) fn forget_vectors_unless(&self, dimensions: usize) {
        if self.known.dimensions().is_none_or(|known| known == dimensions) {
            return;
        }
        tracing::warn!(dimensions, "the model makes other vectors than before: all are made again");
        self.known.forget();
        self.show_vectors();
        self.changes.send_replace(());
    }

    /// Whether what the store has of them is of the model that is asked.
    pub(crate) fn trusts_kept(&self) -> bool {
        self.known.trusts_kept()
    }
}

impl Loaded {
    fn read(own: &[Entry], files: &[PathBuf]) -> Result<Self, FileError> {
        let (mut entries, mut warnings) = (own.to_vec(), Vec::new());
        for file in files {
            let content = file::read(file)?;
            entries.extend(content.entries);
            warnings.extend(content.warnings);
        }
        let places = entries.iter().enumerate();
        let by_question = places.map(|(place, entry)| (entry.question.clone(), place)).collect();
        let (index, vectors) = (Index::new(&entries), ArcSwap::default());
        Ok(Self { index, vectors, entries, warnings, by_question })
    }

    /// The entry of this question.
    pub(crate) fn entry(&self, question: &str) -> Option<&Entry> {
        self.by_question.get(question).map(|place| &self.entries[*place])
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|file| stamp(file)).collect()
}

fn stamp(file: &Path) -> Option<Stamp> {
    let about = file.metadata().ok()?;
    Some(Stamp { modified: about.modified().ok()?, bytes: about.len() })
}
