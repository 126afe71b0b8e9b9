//! What a store promises: one small trait.

use std::time::Duration;

use async_trait::async_trait;

use super::error::StoreError;
use super::item::{Cursor, FencingToken, Item, QueuedItem};
use super::values::Values;
use super::watch::Watch;

/// Keeps values by key for a time, and items in queues until they are done. `wxbot-store` has the
/// implementations; one suite of tests holds for all.
///
/// A write that returned `Ok` survives whatever the store promises to survive: the process for
/// `file:`, all instances for `redis:`. Calls made at once share a round trip, and a transaction.
/// Every call may fail with [`StoreError::Unreachable`]: after a time-out nobody knows whether it
/// was done. Points in time are Unix milliseconds by the store's clock, [`now`](Self::now).
///
/// # Work that is done once
///
/// An item is work that is due at a time. [`lease_due`](Self::lease_due) leases it to one caller,
/// and [`push_leased`](Self::push_leased) to the one who adds it, with a fencing token.
/// [`renew`](Self::renew) extends the lease; [`update_if`](Self::update_if) and
/// [`remove_if`](Self::remove_if) end it, and do nothing where the token is not the item's last
/// one: somebody else has written or leased it since.
#[async_trait]
pub trait Store: Send + Sync {
    /// The value, unless there is none or it has expired.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a value for `ttl`, in place of what was there.
    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError>;

    /// Deletes a value.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;

    /// Compare-and-swap: replaces a value if it is still the `expected` one (`None`: if there is
    /// none), atomically. `new` as `None` deletes it.
    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError>;

    /// Swaps values one after the other, up to and including the first that was not as expected:
    /// those behind it are not touched, and are not in the answer. One round trip; others may see
    /// some done and some not.
    async fn swap_all(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        let mut done = Vec::with_capacity(swaps.len());
        for SwapRequest { key, expected, new, ttl } in swaps {
            done.push(self.swap(&key, expected.as_deref(), new, ttl).await?);
            if done.last() != Some(&Swap::Done) {
                break;
            }
        }
        Ok(done)
    }

    /// Some values whose keys begin with `prefix`, from the start or from where [`Values::next`]
    /// said. What is written meanwhile may be in or not, and a value may come twice.
    async fn values(&self, prefix: &str, from: Option<Vec<u8>>) -> Result<Values, StoreError> {
        let _ = (prefix, from);
        Err(StoreError::Unreachable("it can't be listed".into()))
    }

    /// Notifies of every [`Self::swap`] that changes this value from now on, by any instance. While
    /// the store fails, notifications may be lost: read the value from time to time anyway.
    async fn watch(&self, key: &str) -> Watch;

    /// Puts an item into a queue, replacing one with the same id, whoever holds that. A queue at its
    /// limit takes no new one: [`StoreError::Full`].
    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError>;

    /// Puts an item into a queue unless one with the same id is there, atomically. Returns whether
    /// it did. At its limit: [`StoreError::Full`].
    async fn push_new(&self, queue: &str, item: Item) -> Result<bool, StoreError>;

    /// Puts an item into a queue as [`Self::push`] does, leased to the caller from the start.
    async fn push_leased(
        &self,
        queue: &str,
        id: &str,
        value: Vec<u8>,
        lease: Duration,
    ) -> Result<FencingToken, StoreError>;

    /// An item as it stands in its queue.
    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError>;

    /// Up to `most` items of a queue, the next due first, from its start or after a place in it.
    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError>;

    /// How many items a queue has.
    async fn count(&self, queue: &str) -> Result<u64, StoreError>;

    /// Leases up to `most` items that are due, the longest due first, atomically: for `lease` nobody
    /// else gets them. They come with their fencing tokens, and the end of the lease as their due
    /// time.
    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError>;

    /// Extends a lease to `lease` from now, and replaces the item's value if one is given. `false`
    /// if the lease is no longer held.
    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError>;

    /// Replaces an item and ends its lease. `false`, and nothing is changed, if somebody has written
    /// or leased it since this token.
    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError>;

    /// Removes an item for good. `false`, and nothing is changed, if somebody has written or leased
    /// it since this token.
    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError>;

    /// Removes an item for good, whoever holds it. Returns whether it was there.
    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError>;

    /// Up to `most` items of a queue, the next due first, as they are.
    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        let items = self.list_after(queue, None, most).await?;
        Ok(items.into_iter().map(|queued| queued.item).collect())
    }

    /// The store's clock, in Unix milliseconds. Leases and due times go by it, so that instances
    /// agree whatever their own clocks say.
    async fn now(&self) -> Result<u64, StoreError>;

    /// Whether the store can be reached and takes a write.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Who else sees what is written here.
    fn reach(&self) -> Reach;

    /// How the last calls went, without a call of its own; for `/readyz`.
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

/// One of several swaps, as in [`Store::swap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapRequest {
    /// Whose value.
    pub key: String,
    /// What is there; `None` for nothing.
    pub expected: Option<Vec<u8>>,
    /// What is to be there; `None` for nothing.
    pub new: Option<Vec<u8>>,
    /// How long.
    pub ttl: Duration,
}
