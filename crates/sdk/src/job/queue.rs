//! The jobs of an instance that are not done yet.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::error::{JobError, MAX_JOBS, MAX_PAYLOAD};
use super::record::{JobKind, JobRecord, id_of_once, name_of};
use crate::clock::millis;
use crate::store::record::{decode, encode};
use crate::store::{Item, Store, StoreError, keys};

/// Adds and cancels what an instance is to do once.
#[derive(Clone)]
pub struct Jobs {
    store: Arc<dyn Store>,
    queue: String,
    signal: JobSignal,
}

/// A job that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingJob {
    /// Its name.
    pub name: String,
    /// When it is to be done, in Unix milliseconds.
    pub due: u64,
}

impl Jobs {
    /// Of the instance of this id.
    pub fn new(store: Arc<dyn Store>, link: &str, signal: JobSignal) -> Self {
        Self { store, queue: keys::jobs(link), signal }
    }

    /// Adds a job that is due after so long, by the store's clock. The name is its idempotency key:
    /// where one of that name waits already, or is just being done, nothing is added. Returns whether
    /// it was. A job that comes again says so by
    /// [`JobContext::again_after`](super::JobContext::again_after).
    pub async fn after<T: Serialize>(
        &self,
        name: &str,
        delay: Duration,
        payload: &T,
    ) -> Result<bool, JobError> {
        let payload = written(payload)?;
        self.add(name, self.store.now().await?.saturating_add(millis(delay)), payload).await
    }

    /// The same for a time.
    pub async fn at<T: Serialize>(
        &self,
        name: &str,
        time: SystemTime,
        payload: &T,
    ) -> Result<bool, JobError> {
        let payload = written(payload)?;
        self.add(name, millis(time.duration_since(UNIX_EPOCH).unwrap_or_default()), payload).await
    }

    async fn add(
        &self,
        name: &str,
        due: u64,
        payload: serde_json::Value,
    ) -> Result<bool, JobError> {
        if self.store.count(&self.queue).await? >= MAX_JOBS {
            return Err(JobError::TooMany);
        }
        let record = JobRecord::new(JobKind::Once, due, payload);
        let item = Item { id: id_of_once(name), value: encode(&record), due };
        let added = self.store.push_new(&self.queue, item).await?;
        self.signal.wake();
        Ok(added)
    }

    /// Cancels a job. Returns whether it still waited, or is just being done.
    pub async fn cancel(&self, name: &str) -> Result<bool, StoreError> {
        self.store.remove(&self.queue, &id_of_once(name)).await
    }

    /// Up to `most` jobs that wait, the next due first, without those of schedules.
    pub async fn list(&self, most: usize) -> Result<Vec<PendingJob>, StoreError> {
        let items = self.store.list(&self.queue, most).await?;
        let pending = items.into_iter().filter_map(|item| {
            let record: JobRecord = decode(&item.value).ok()?;
            let is_once = record.kind == JobKind::Once;
            is_once.then(|| PendingJob { name: name_of(&item.id).to_owned(), due: record.due })
        });
        Ok(pending.collect())
    }
}

pub(super) fn written(payload: &impl Serialize) -> Result<serde_json::Value, JobError> {
    let bytes = serde_json::to_vec(payload)?.len();
    match bytes <= MAX_PAYLOAD {
        true => Ok(serde_json::to_value(payload)?),
        false => Err(JobError::TooLarge { bytes }),
    }
}

/// Wakes the worker of jobs: something may be due sooner than expected.
#[derive(Clone, Default)]
pub struct JobSignal(Arc<Notify>);

impl JobSignal {
    /// Something may be due.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits until something may be due, for so long at most.
    pub async fn sleep(&self, at_most: Duration) {
        let _ = timeout(at_most, self.0.notified()).await;
    }
}
