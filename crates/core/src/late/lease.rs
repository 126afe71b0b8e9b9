//! Leases: who works on an item of the outbox has it to themselves, while the work lasts.
//!
//! In one process a set says so. Where instances share the store, a record there does, which ends
//! by the store's clock: clocks of instances may differ, and one that was stopped finds that its
//! lease is over before it sends anything else.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use wxbot_sdk::store::record::{Record, encode};
use wxbot_sdk::store::{Reach, Store, Swap, keys};

/// A lease ends so long after it was last renewed.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// So often it is renewed during a call that takes long.
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// All leases of this instance.
pub(crate) struct Leases {
    store: Arc<dyn Store>,
    holder: String,
    held: Mutex<HashSet<String>>,
}

/// The work on one item, until it is released or dropped.
pub(crate) struct Lease {
    leases: Arc<Leases>,
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LeaseRecord {
    /// The instance.
    holder: String,
}

impl Record for LeaseRecord {
    const NAME: &'static str = "lease";
    const VERSION: u32 = 1;
}

impl Leases {
    pub(crate) fn new(store: &Arc<dyn Store>, instance: &str) -> Arc<Self> {
        let (store, holder) = (Arc::clone(store), instance.to_owned());
        Arc::new(Self { store, holder, held: Mutex::default() })
    }

    /// Leases an item, unless somebody works on it. A store in trouble is no reason not to: each
    /// instance then goes by what it knows itself.
    pub(crate) async fn acquire(self: &Arc<Self>, id: &str) -> Option<Lease> {
        if !self.held().insert(id.to_owned()) {
            return None;
        }
        let lease = Lease { leases: Arc::clone(self), id: id.to_owned() };
        match self.is_shared() {
            true => lease.try_acquire().await.then_some(lease),
            false => Some(lease),
        }
    }

    fn is_shared(&self) -> bool {
        self.store.reach() == Reach::Instances
    }

    fn record(&self) -> Vec<u8> {
        encode(&LeaseRecord { holder: self.holder.clone() })
    }

    fn held(&self) -> MutexGuard<'_, HashSet<String>> {
        self.held.lock().expect("no code panics while holding this lock")
    }
}

impl Lease {
    async fn try_acquire(&self) -> bool {
        let record = self.leases.record();
        let swap = self.leases.store.swap(&self.key(), None, Some(record), LEASE).await;
        !matches!(swap, Ok(Swap::Found(_)))
    }

    /// Makes it last for another while. Says whether it is still held: if not, somebody else may
    /// work on the item, or be done with it.
    pub(crate) async fn renew(&self) -> bool {
        if !self.leases.is_shared() {
            return true;
        }
        let record = self.leases.record();
        let new = Some(record.clone());
        let swap = self.leases.store.swap(&self.key(), Some(&record), new, LEASE).await;
        !matches!(swap, Ok(Swap::Found(_)))
    }

    /// Renews it while something takes long.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            match timeout(RENEWED_EVERY, &mut work).await {
                Ok(done) => return done,
                Err(_) => drop(self.renew().await),
            }
        }
    }

    /// The item's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Lets others have it at once.
    pub(crate) async fn release(self) {
        if self.leases.is_shared() {
            let record = self.leases.record();
            let _ = self.leases.store.swap(&self.key(), Some(&record), None, LEASE).await;
        }
    }

    fn key(&self) -> String {
        keys::lease(&self.id)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.held().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_lease_has_a_golden_file() {
        golden::check("lease.1.json", &LeaseRecord { holder: "a1b2".into() });
    }
}
