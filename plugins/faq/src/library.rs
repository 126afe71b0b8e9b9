//! The entries of the settings and of the files, and the index over them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use crate::entry::Entry;
use crate::file::{self, FileError};
use crate::index::Index;

/// Reads its files again when they changed. Whoever searches meanwhile finds what was there before.
pub(crate) struct Library {
    own: Vec<Entry>,
    files: Vec<PathBuf>,
    every: Duration,
    loaded: ArcSwap<Loaded>,
    seen: Mutex<Seen>,
}

/// What is searched.
pub(crate) struct Loaded {
    pub(crate) entries: Vec<Entry>,
    pub(crate) index: Index,
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
        Ok(Self { own, files, every, loaded, seen: Mutex::new(seen) })
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
                self.loaded.store(Arc::new(loaded));
            }
            Err(error) => tracing::warn!(
                error = error.with_cause(),
                "questions and answers can't be read; those from before stay in use"
            ),
        }
    }
}

impl Loaded {
    fn read(own: &[Entry], files: &[PathBuf]) -> Result<Self, FileError> {
        let mut entries = own.to_vec();
        for file in files {
            entries.extend(file::read(file)?);
        }
        let places = entries.iter().enumerate();
        let by_question = places.map(|(place, entry)| (entry.question.clone(), place)).collect();
        Ok(Self { index: Index::new(&entries), entries, by_question })
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
