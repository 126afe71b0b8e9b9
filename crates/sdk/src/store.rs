//! What must outlive a message: one small trait, and what plugins see of it.

pub mod record;
pub mod keys;
mod update;
mod namespace;

use std::time::Duration;

use async_trait::async_trait;

pub use namespace::Namespace;
pub use record::{Record, RecordError};
pub use update::{Change, insert_or_update, update};

/// Keeps values by key for a time, and items in queues until they are done. `wxbot-store` has the
/// implementations; one suite of tests holds for all.
///
/// A write that returned `Ok` survives whatever the store promises to survive: the process for
/// `file:`, all instances for `redis:`.
#[async_trait]
pub trait Store: Send + Sync {
    /// The value, unless there is none or its time is over.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a value for `ttl`, in place of what was there.
    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError>;

    /// Forgets a value.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Replaces a value if it is still the expected one (`None`: if there is none), in one step
    /// that nobody else can get between. `new` as `None` forgets it.
    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError>;

    /// Puts an item into a queue, in place of one with the same id. A queue that has all the items
    /// it may have takes no new one: [`StoreError::Full`].
    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError>;

    /// Replaces an item if it is still there; says whether it was.
    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError>;

    /// Takes up to `most` items that are due at `now`, the longest due first, and makes them due
    /// again at `again`, in one step: nobody else gets them until then.
    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError>;

    /// Takes an item out for good; says whether it was there.
    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError>;

    /// The item of this id, as it is.
    async fn item(&self, queue: &str, id: &str) -> Result<Option<Item>, StoreError> {
        Ok(self.list(queue, usize::MAX).await?.into_iter().find(|item| item.id == id))
    }

    /// Up to `most` items of a queue, the next due first, as they are.
    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError>;

    /// Whether the store can be reached and takes a write; for `/readyz`.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Who else sees what is written here.
    fn reach(&self) -> Reach;

    /// How the last calls went, without a call of its own.
    fn health(&self) -> Health {
        Health::Good
    }
}

/// How a store is, as far as its last calls tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It does what it is asked.
    Good,
    /// Calls fail; the bot does without what is kept there.
    Degraded {
        /// The first failure of this trouble, in Unix milliseconds.
        since: u64,
        /// What the store said, without a secret.
        why: String,
    },
}

/// Who sees what is written to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This process, until it ends.
    Process,
    /// This process, and the next one after it.
    Machine,
    /// Every instance of the bot.
    Instances,
}

/// What became of a [`Store::swap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The new value is there.
    Done,
    /// Nothing was changed: this is there instead of what was expected.
    Found(Option<Vec<u8>>),
}

/// Something in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Unique in the queue.
    pub id: String,
    /// What it is about.
    pub value: Vec<u8>,
    /// When it is to be taken, in Unix milliseconds; at most 2^53.
    pub due: u64,
}

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
