//! What the store would not take: it is done again until it does, so that a store in trouble
//! neither loses a late answer nor lets it be sent twice.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use super::entry::Entry;
use super::{Late, OUTBOX};
use wxbot_sdk::store::StoreError;

/// By the entry's id, what the outbox should hold.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<String, Wanted>>);

/// What should be there.
#[derive(Clone)]
pub(super) enum Wanted {
    /// Nothing: it is done.
    Nothing,
    /// This, due then, in Unix milliseconds.
    Entry(Box<Entry>, u64),
}

impl Pending {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Wanted>> {
        self.0.lock().expect("nobody panics in here")
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    fn has(&self, id: &str) -> bool {
        self.all().contains_key(id)
    }

    /// Takes those that are due at `now`: the store would not hold them, so this process does.
    pub(super) fn take_due(&self, now: u64) -> Vec<(String, Entry)> {
        let mut all = self.all();
        let is_due = |wanted: &Wanted| matches!(wanted, Wanted::Entry(_, due) if *due <= now);
        let due: Vec<_> =
            all.iter().filter(|(_, wanted)| is_due(wanted)).map(|(id, _)| id.clone()).collect();
        let take = |id: String| match all.remove(&id) {
            Some(Wanted::Entry(entry, _)) => Some((id, *entry)),
            _ => None,
        };
        due.into_iter().filter_map(take).collect()
    }
}

impl Late {
    /// Writes an entry to the outbox, now or as soon as the store takes it.
    pub(super) async fn write(&self, id: &str, entry: &Entry, due: u64) {
        let wanted = Wanted::Entry(Box::new(entry.clone()), due);
        self.want(id, wanted).await;
    }

    /// Writes an entry anew that is in the outbox. Says whether it still was: an operator may have
    /// dropped it.
    pub(super) async fn rewrite(&self, id: &str, entry: &Entry, due: u64) -> bool {
        if !self.pending.has(id)
            && let Ok(there) = self.store.update(OUTBOX, entry.item(id, due)).await
        {
            return there;
        }
        self.write(id, entry, due).await;
        true
    }

    /// Takes an entry out of the outbox, now or as soon as the store does it.
    pub(crate) async fn take_back(&self, id: &str) {
        self.want(id, Wanted::Nothing).await;
    }

    async fn want(&self, id: &str, wanted: Wanted) {
        match self.make(id, &wanted).await {
            Ok(()) => drop(self.pending.all().remove(id)),
            Err(error) => {
                tracing::warn!(%error, "a late answer is only in memory until the store takes it");
                self.pending.all().insert(id.to_owned(), wanted);
                self.wake();
            }
        }
    }

    /// Does again what the store would not do.
    pub(super) async fn settle(&self) {
        let all = self.pending.all().clone();
        for (id, wanted) in all {
            if self.make(&id, &wanted).await.is_err() {
                return;
            }
            self.pending.all().remove(&id);
        }
    }

    async fn make(&self, id: &str, wanted: &Wanted) -> Result<(), StoreError> {
        match wanted {
            Wanted::Nothing => self.store.remove(OUTBOX, id).await.map(drop),
            Wanted::Entry(entry, due) => self.store.push(OUTBOX, entry.item(id, *due)).await,
        }
    }
}
