//! Items of queues.

/// Something in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Unique in the queue.
    pub id: String,
    /// What it is about.
    pub value: Vec<u8>,
    /// When it is to be taken, by the store's clock in Unix milliseconds; at most 2^53.
    pub due: u64,
}

/// An item as it stands in its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedItem {
    /// The item; while it is leased it is due when the lease ends.
    pub item: Item,
    /// Of its last write or lease.
    pub token: FencingToken,
    /// Whether that was a lease, which may have ended.
    pub is_leased: bool,
}

impl QueuedItem {
    /// Its place in the queue.
    pub fn cursor(&self) -> Cursor {
        Cursor { due: self.item.due, id: self.item.id.clone() }
    }
}

/// Another one with every write and every lease of an item, so that a write which shows it is known
/// to come from who wrote or leased the item last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FencingToken(pub u64);

/// A place in a queue, whatever stands there now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// An item's due time.
    pub due: u64,
    /// Its id, which orders those that are due at once.
    pub id: String,
}
