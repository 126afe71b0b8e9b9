//! Everything a store holds, page by page, for taking it elsewhere.

use std::time::Duration;

use async_trait::async_trait;
use wxbot_sdk::store::{Item, StoreError};

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
