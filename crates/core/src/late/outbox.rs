//! The outbox in the store, and what the store would not take: that is written again until it
//! does, so that a store in trouble neither loses a late answer nor lets it be sent twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::{Item, Store, StoreError};

use super::item::OutboxItem;

/// Items that the store did not take, by id: what the outbox should hold.
type Pending = HashMap<String, Wanted>;

/// What should be there.
#[derive(Clone)]
enum Wanted {
    /// Nothing: it is done.
    Nothing,
    /// This, due then, in Unix milliseconds.
    Item(Box<OutboxItem>, u64),
}

/// The queue of late answers: promised, or on their way.
pub(crate) struct Outbox {
    store: Arc<dyn Store>,
    pending: Mutex<Pending>,
    /// Something may be due sooner than expected.
    woken: Notify,
}

impl Outbox {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, pending: Mutex::default(), woken: Notify::new() }
    }

    /// Something may be due sooner than expected.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Waits until something may be due, for so long at most.
    pub(crate) async fn sleep(&self, at_most: Duration) {
        let _ = timeout(at_most, self.woken.notified()).await;
    }

    /// Writes an item, now or as soon as the store takes it; it is due at `due`, in Unix
    /// milliseconds.
    pub(crate) async fn write(&self, id: &str, item: &OutboxItem, due: u64) {
        self.want(id, Wanted::Item(Box::new(item.clone()), due)).await;
    }

    /// Writes an item anew. Says whether it was still there: an operator may have dropped it.
    pub(crate) async fn rewrite(&self, id: &str, item: &OutboxItem, due: u64) -> bool {
        if !self.pending().contains_key(id)
            && let Ok(was_there) = self.store.update(OUTBOX, item.to_item(id, due)).await
        {
            return was_there;
        }
        self.write(id, item, due).await;
        true
    }

    /// Removes an item, now or as soon as the store does it.
    pub(crate) async fn remove(&self, id: &str) {
        self.want(id, Wanted::Nothing).await;
    }

    /// The item as it is now, if it is still there: somebody else may have worked on it. A store in
    /// trouble is no reason not to go on with what is known.
    pub(crate) async fn current(&self, id: &str, known: OutboxItem) -> Option<OutboxItem> {
        if self.pending().contains_key(id) {
            return Some(known);
        }
        match self.store.item(OUTBOX, id).await {
            Ok(item) => OutboxItem::read(&item?).ok(),
            Err(_) => Some(known),
        }
    }

    /// Moves an item to the dead letters, where it is listed until `until`.
    pub(crate) async fn bury(&self, id: &str, item: &OutboxItem, until: u64) {
        if let Err(error) = self.store.push(DEAD_LETTERS, item.to_item(id, until)).await {
            tracing::warn!(%error, "a late answer that was given up is not listed");
        }
        self.remove(id).await;
    }

    /// Moves an item that can't be read to the dead letters as it is.
    pub(crate) async fn bury_unreadable(&self, item: Item, until: u64) {
        let id = item.id.clone();
        match self.store.push(DEAD_LETTERS, Item { due: until, ..item }).await {
            Ok(()) => self.remove(&id).await,
            Err(error) => tracing::warn!(id, %error, "an unreadable item stays in the outbox"),
        }
    }

    /// Whether the store has everything that it should have.
    pub(crate) fn is_settled(&self) -> bool {
        self.pending().is_empty()
    }

    /// Writes again what the store would not take.
    pub(crate) async fn settle(&self) {
        let all = self.pending().clone();
        for (id, wanted) in all {
            if self.make(&id, &wanted).await.is_err() {
                return;
            }
            self.pending().remove(&id);
        }
    }

    /// Takes those that are due at `now` and that the store would not hold: this process does.
    pub(crate) fn take_pending(&self, now: u64) -> Vec<(String, OutboxItem)> {
        let mut pending = self.pending();
        let is_due =
            |_: &String, wanted: &mut Wanted| matches!(wanted, Wanted::Item(_, due) if *due <= now);
        let due = pending.extract_if(is_due);
        due.filter_map(|(id, wanted)| match wanted {
            Wanted::Item(item, _) => Some((id, *item)),
            Wanted::Nothing => None,
        })
        .collect()
    }

    async fn want(&self, id: &str, wanted: Wanted) {
        match self.make(id, &wanted).await {
            Ok(()) => drop(self.pending().remove(id)),
            Err(error) => {
                tracing::warn!(%error, "a late answer is only in memory until the store takes it");
                self.pending().insert(id.to_owned(), wanted);
                self.wake();
            }
        }
    }

    async fn make(&self, id: &str, wanted: &Wanted) -> Result<(), StoreError> {
        match wanted {
            Wanted::Nothing => self.store.remove(OUTBOX, id).await.map(drop),
            Wanted::Item(item, due) => self.store.push(OUTBOX, item.to_item(id, *due)).await,
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().expect("no code panics while holding this lock")
    }
}
