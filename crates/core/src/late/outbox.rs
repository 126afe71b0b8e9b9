//! The outbox in the store, and what the store would not take: that is written again until it
//! does, so that a failing store neither loses a late answer nor lets it be sent twice.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use wxbot_sdk::clock::millis;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::record::encode;
use wxbot_sdk::store::{FencingToken, Item, QueuedItem, Reach, Store, StoreError};

use super::item::OutboxItem;
use super::lease::{LEASE, Lease};
use super::listing::Listed;
use super::log::LateLog;
use super::unwritten::{Unwritten, Wanted};

/// How often a lease is renewed during a slow call.
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// How long dead letters are listed.
const LISTED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// What became of an item that is to be due later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Postponed {
    /// It is due then, by the store or by this process.
    Yes,
    /// Somebody else holds it by now.
    LeaseLost,
    /// The store refused it, and there was no room in memory.
    NoRoom,
}

/// The queue of late answers: promised, or on their way.
pub(crate) struct Outbox {
    store: Arc<dyn Store>,
    unwritten: Mutex<Unwritten>,
    /// Wakes the worker: something may be due sooner than expected.
    woken: Notify,
    log: Arc<LateLog>,
}

impl Outbox {
    pub(crate) fn new(store: Arc<dyn Store>, log: Arc<LateLog>) -> Self {
        Self { store, unwritten: Mutex::default(), woken: Notify::new(), log }
    }

    /// Wakes the worker: something may be due sooner than expected.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Waits until something may be due, for `at_most` this long.
    pub(crate) async fn sleep(&self, at_most: Duration) {
        let _ = timeout(at_most, self.woken.notified()).await;
    }

    /// Writes an item which this process works on from now on, now or as soon as the store takes it.
    /// Where neither the store nor the memory takes it, it is as good as who works on it.
    pub(crate) async fn put(&self, id: &str, item: &OutboxItem) -> Lease {
        match self.store.push_leased(OUTBOX, id, encode(item), LEASE).await {
            Ok(token) => {
                self.unwritten().remove(id);
                Lease::new(id, Some(token))
            }
            Err(error) => {
                self.want(id, Wanted::Leased(Box::new(item.clone()), None), &error);
                Lease::new(id, None)
            }
        }
    }

    /// Writes an item which nobody renews: it is due when a lease would end.
    pub(crate) async fn put_aside(&self, id: &str, item: &OutboxItem) {
        self.release(&self.put(id, item).await);
    }

    /// Leases up to `most` items that are due.
    pub(crate) async fn lease_due(&self, most: usize) -> Result<Vec<QueuedItem>, StoreError> {
        self.store.lease_due(OUTBOX, LEASE, most).await
    }

    /// Makes a lease last, with what has become of the item. Returns whether it is held: if not,
    /// somebody else works on the item, or is done with it.
    pub(crate) async fn renew(&self, lease: &Lease, item: Option<&OutboxItem>) -> bool {
        let unwritten = self.unwritten().leased(lease.id()).cloned();
        let item = item.or(unwritten.as_ref());
        let began = Instant::now();
        match self.try_renew(lease, item).await {
            Ok(Some(token)) => {
                lease.set_renewed(token, began);
                self.unwritten().remove(lease.id());
                true
            }
            Ok(None) => {
                self.unwritten().remove(lease.id());
                false
            }
            Err(error) => {
                if let Some(item) = item {
                    let wanted = Wanted::Leased(Box::new(item.clone()), lease.token());
                    self.want(lease.id(), wanted, &error);
                }
                self.store.reach() != Reach::Instances || !lease.may_be_over()
            }
        }
    }

    /// The token of a lease that was renewed; `None` if it is lost.
    async fn try_renew(
        &self,
        lease: &Lease,
        item: Option<&OutboxItem>,
    ) -> Result<Option<FencingToken>, StoreError> {
        let (id, value) = (lease.id(), item.map(encode));
        match (lease.token(), value) {
            (Some(token), value) => {
                let renewed = self.store.renew(OUTBOX, id, token, LEASE, value).await?;
                Ok(renewed.then_some(token))
            }
            (None, Some(value)) => self.store.push_leased(OUTBOX, id, value, LEASE).await.map(Some),
            (None, None) => Err(StoreError::Unreachable("the store never had this item".into())),
        }
    }

    /// Renews leases while something takes long. One that is lost is noticed when it is renewed
    /// next.
    pub(crate) async fn keep<'l, T>(
        &self,
        leases: impl Iterator<Item = &'l Lease> + Clone,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = timeout(RENEWED_EVERY, &mut work).await {
                return done;
            }
            for lease in leases.clone() {
                self.renew(lease, None).await;
            }
        }
    }

    /// Ends a lease: the item is due again after `pause`.
    pub(crate) async fn postpone(
        &self,
        lease: &Lease,
        item: &OutboxItem,
        pause: Duration,
    ) -> Postponed {
        let (id, token) = (lease.id(), lease.token());
        let wanted = Wanted::Due(Box::new(item.clone()), Instant::now() + pause, token);
        match self.make(id, &wanted).await {
            Ok(was_held) => {
                self.unwritten().remove(id);
                if was_held { Postponed::Yes } else { Postponed::LeaseLost }
            }
            Err(error) if self.want(id, wanted, &error) => Postponed::Yes,
            Err(_) => Postponed::NoRoom,
        }
    }

    /// Ends a lease without another word: whoever looks at the item when it ends finds it as it is.
    pub(crate) fn release(&self, lease: &Lease) {
        self.unwritten().release(lease.id(), Instant::now() + LEASE, lease.token());
    }

    /// Removes an item that is given or kept elsewhere, unless somebody else has it by now.
    pub(crate) async fn remove_leased(&self, lease: &Lease) {
        let Some(token) = lease.token() else { return self.remove(lease.id()).await };
        match self.store.remove_if(OUTBOX, lease.id(), token).await {
            Ok(_) => self.unwritten().removed(lease.id()),
            Err(error) => drop(self.want(lease.id(), Wanted::Nothing(Some(token)), &error)),
        }
    }

    /// Removes an item whoever has it, now or as soon as the store does it: what was delivered is
    /// done.
    pub(crate) async fn remove(&self, id: &str) {
        match self.store.remove(OUTBOX, id).await {
            Ok(_) => self.unwritten().removed(id),
            Err(error) => drop(self.want(id, Wanted::Nothing(None), &error)),
        }
    }

    /// Moves an item to the dead letters, where it is listed for a while.
    pub(crate) async fn bury(&self, lease: &Lease, item: &OutboxItem) {
        if let Err(error) = self.list_as_dead(item.to_item(lease.id(), 0)).await {
            tracing::warn!(%error, "a late answer that was given up is not listed");
        }
        self.remove_leased(lease).await;
    }

    /// Moves an item that can't be read to the dead letters as it is.
    pub(crate) async fn bury_unreadable(&self, QueuedItem { item, token, .. }: QueuedItem) {
        let lease = Lease::new(&item.id, Some(token));
        match self.list_as_dead(item).await {
            Ok(()) => self.remove_leased(&lease).await,
            Err(error) => {
                tracing::warn!(id = lease.id(), %error, "an unreadable item stays in the outbox");
            }
        }
    }

    async fn list_as_dead(&self, item: Item) -> Result<(), StoreError> {
        let due = self.store.now().await? + millis(LISTED_FOR);
        self.store.push(DEAD_LETTERS, Item { due, ..item }).await
    }

    /// Whether the store has everything that it should have.
    pub(crate) fn is_settled(&self) -> bool {
        self.unwritten().is_empty()
    }

    /// Writes again what the store would not take; who has a lease writes with its renewal.
    pub(crate) async fn settle(&self) {
        let released = self.unwritten().released();
        for id in released {
            let Some(wanted) = self.unwritten().begin_writing(&id) else { continue };
            if self.make(&id, &wanted).await.is_err() {
                return;
            }
            let was_removed = self.unwritten().end_writing();
            if was_removed {
                self.remove(&id).await;
            }
        }
    }

    /// Takes those that are due and that the store would not hold: this process does.
    pub(crate) fn take_unwritten(&self) -> Vec<(Lease, OutboxItem)> {
        let due = self.unwritten().take_due(Instant::now());
        due.into_iter().map(|(id, item, token)| (Lease::new(&id, token), item)).collect()
    }

    /// What the store would not take, by id.
    pub(crate) fn list_unwritten(&self, now: u64) -> Vec<Listed> {
        let until = |due: Option<Instant>| {
            now + millis(due.map_or(LEASE, |due| due.saturating_duration_since(Instant::now())))
        };
        let unwritten = self.unwritten();
        let items = unwritten.items();
        let mut listed: Vec<_> =
            items.map(|(id, item, due)| Listed::unwritten(id, item.clone(), until(due))).collect();
        listed.sort_by(|a, b| a.id.cmp(&b.id));
        listed
    }

    /// How many items the store would not take.
    pub(crate) fn count_unwritten(&self) -> usize {
        self.unwritten().items().count()
    }

    /// Makes one that the store would not take due now. Returns whether there is one of this id.
    pub(crate) fn retry_unwritten(&self, id: &str, expires: u64) -> bool {
        let found = self.unwritten().retry(id, Instant::now(), expires);
        self.wake();
        found
    }

    /// Drops one that the store would not take, also from there when it does. Returns whether there is
    /// one of this id; one that is being sent is left to that.
    pub(crate) fn drop_unwritten(&self, id: &str) -> bool {
        self.unwritten().cancel(id)
    }

    /// Returns whether there was room for it.
    fn want(&self, id: &str, wanted: Wanted, error: &StoreError) -> bool {
        self.log.unwritten(error);
        let has_room = self.unwritten().insert(id, wanted);
        self.wake();
        has_room
    }

    /// Returns whether nobody else had taken the item.
    async fn make(&self, id: &str, wanted: &Wanted) -> Result<bool, StoreError> {
        match wanted {
            Wanted::Nothing(_) => self.store.remove(OUTBOX, id).await.map(|_| true),
            Wanted::Leased(..) => Ok(true),
            Wanted::Due(item, due, token) => {
                let pause = due.saturating_duration_since(Instant::now());
                let item = item.to_item(id, self.store.now().await? + millis(pause));
                match token {
                    Some(token) => self.store.update_if(OUTBOX, item, *token).await,
                    None => self.store.push(OUTBOX, item).await.map(|()| true),
                }
            }
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().expect("no code panics while holding this lock")
    }
}
