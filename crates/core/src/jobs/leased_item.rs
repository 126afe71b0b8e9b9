//! An item of a queue of jobs, leased by this instance of the bot.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use wxbot_sdk::clock::millis;
use wxbot_sdk::job::JobRecord;
use wxbot_sdk::store::record::{RecordError, decode, encode};
use wxbot_sdk::store::{Item, QueuedItem, Store, StoreError};

use super::next::Next;

/// How long a lease lasts after it was last renewed.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How long dead letters are listed.
const LISTED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// How soon to try again while the store fails.
pub(super) const SOON: Duration = Duration::from_millis(500);

/// The item, and where it is.
pub(super) struct LeasedItem {
    pub(super) queued: QueuedItem,
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: String,
    pub(super) dead: String,
}

impl LeasedItem {
    /// Its id in the queue.
    pub(super) fn id(&self) -> &str {
        &self.queued.item.id
    }

    /// The job, as it was when it was leased.
    pub(super) fn record(&self) -> Result<JobRecord, RecordError> {
        decode(&self.queued.item.value)
    }

    /// Makes the lease last, with the job as it is now. `false` if somebody else has it.
    pub(super) async fn renew(&self, record: &JobRecord) -> Result<bool, StoreError> {
        let (token, value) = (self.queued.token, Some(encode(record)));
        self.store.renew(&self.queue, self.id(), token, LEASE, value).await
    }

    /// Writes what becomes of the item, unless somebody else has it by now: again and again while
    /// the store is in trouble, as what was done must not be done again.
    pub(super) async fn settle(&self, next: Next) {
        let write = || next.write(&*self.store, &self.queue, self.id(), self.queued.token);
        while let Err(error) = write().await {
            tracing::debug!(%error, "the store is asked again");
            sleep(SOON).await;
        }
    }

    /// Lists a dead letter; `now` in Unix milliseconds.
    pub(super) async fn list_as_dead(&self, id: String, value: Vec<u8>, now: u64) {
        let item = Item { id, value, due: now + millis(LISTED_FOR) };
        if let Err(error) = self.store.push(&self.dead, item).await {
            tracing::warn!(%error, "a job that was given up is not listed");
        }
    }

    /// The store's time in Unix milliseconds, as soon as it tells; `None` when the job is somebody
    /// else's.
    pub(super) async fn now(&self) -> Option<u64> {
        loop {
            match self.store.now().await {
                Ok(now) => return Some(now),
                Err(_) if self.is_lost().await => return None,
                Err(_) => sleep(SOON).await,
            }
        }
    }

    /// Whether somebody has leased, written or removed the item since; a failing store does not
    /// say.
    async fn is_lost(&self) -> bool {
        match self.store.get_item(&self.queue, self.id()).await {
            Ok(found) => found.is_none_or(|found| found.token != self.queued.token),
            Err(_) => false,
        }
    }
}
