//! Why a store did not do what it was asked.

use super::record::RecordError;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The value can't be read, or not be written. It is left as it is.
    #[error("the value under `{key}` is not what was expected")]
    Record {
        /// Without the namespace.
        key: String,
        /// What is wrong with it.
        source: RecordError,
    },
    /// Others changed the value between every try to read and every try to write it.
    #[error("others keep changing the value under `{key}`")]
    Contended {
        /// The value's.
        key: String,
    },
    /// The queue takes no new item until one is removed. Nothing was changed.
    #[error("the queue `{queue}` is full: it holds {most} items")]
    Full {
        /// Its name.
        queue: String,
        /// How many items a queue of this store may have.
        most: usize,
    },
    /// An entry was written by another version of wxbot. It is left as it is.
    #[error("an entry has version {found}, this program knows version {known}")]
    Version {
        /// The first byte of the entry.
        found: u8,
        /// What it should be.
        known: u8,
    },
    /// An entry is not as it was written: the disk altered it. It is left as it is.
    #[error("{what} is damaged")]
    Damaged {
        /// What it is, and its key.
        what: String,
    },
    /// The store can't be reached, or refused.
    #[error("the store did not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
