//! Everything a store holds, page by page, for taking it elsewhere.

use std::time::Duration;

use async_trait::async_trait;
use wxbot_sdk::store::{Item, StoreError, StoredValue};

/// A store that can be read from one end to the other.
#[async_trait]
pub trait Contents: Send + Sync {
    /// Some entries, from the start or from where [`Page::next`] said. What is written meanwhile
    /// may be in or not, and an entry may come twice.
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError>;
}

/// A part of what a store holds.
#[derive(Debug, Default)]
pub struct Page {
    /// In no order; there may be none before the last page.
    pub entries: Vec<Entry>,
    /// Where to go on; `None` at the end.
    pub next: Option<Vec<u8>>,
}

impl Page {
    /// What is behind a prefix, without it.
    pub(crate) fn within(mut self, prefix: &str) -> Self {
        if !prefix.is_empty() {
            self.entries = self.entries.into_iter().filter_map(|one| one.within(prefix)).collect();
        }
        self
    }
}

/// One thing in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Under a key.
    Value {
        /// As it was put.
        key: String,
        /// The bytes.
        value: Vec<u8>,
        /// What is left of its time.
        ttl: Duration,
    },
    /// In a queue.
    Item {
        /// The queue's name.
        queue: String,
        /// The item.
        item: Item,
    },
}

impl From<StoredValue> for Entry {
    fn from(StoredValue { key, value, ttl }: StoredValue) -> Self {
        Self::Value { key, value, ttl }
    }
}

impl Entry {
    fn within(self, prefix: &str) -> Option<Self> {
        let name = |name: String| Some(name.strip_prefix(prefix)?.to_owned());
        Some(match self {
            Self::Value { key, value, ttl } => Self::Value { key: name(key)?, value, ttl },
            Self::Item { queue, item } => Self::Item { queue: name(queue)?, item },
        })
    }
}
