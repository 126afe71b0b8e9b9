//! Tends the outbox: gives what is due again, and begins again the work that a process which died
//! had promised.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::{QueuedItem, Reach, Store, StoreError};

use super::left_behind::make_all_due;
use super::resumption::Resumption;
use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;
use crate::key::MessageKey;
use crate::late::item::{OutboxItem, Stage, key};
use crate::late::lease::{LEASE, Lease};

/// Items leased at once; more are leased when these are on their way.
const BATCH: usize = 64;
const BETWEEN_BATCHES: Duration = Duration::from_millis(10);
/// Items in progress at once; what else is due waits in the store.
const MAX_AT_ONCE: usize = 1024;
/// How soon to look again when no more may be in progress.
const BETWEEN_CHECKS: Duration = Duration::from_millis(100);
/// How soon to look again for the account of an item: another bot may have it, or this one after
/// a restart.
const UNKNOWN_ACCOUNT: Duration = Duration::from_secs(300);
/// How often to check whether another instance has died.
const LIVENESS_CHECK: Duration = Duration::from_secs(2);
/// How soon to try again while the store fails.
const SOON: Duration = Duration::from_millis(500);
/// Nothing comes into the outbox unnoticed, but the clock may be set.
const SELDOM: Duration = Duration::from_secs(60);

/// Works through the outbox of all accounts.
pub(crate) struct OutboxWorker {
    engine: Arc<Engine>,
    accounts: Vec<Arc<AccountRuntime>>,
    resumption: Resumption,
    /// Items in progress right now.
    at_once: AtomicUsize,
}

impl OutboxWorker {
    pub(crate) fn new(engine: &Arc<Engine>, accounts: &[Arc<AccountRuntime>]) -> Arc<Self> {
        Arc::new(Self {
            engine: Arc::clone(engine),
            accounts: accounts.to_vec(),
            resumption: Resumption::new(engine),
            at_once: AtomicUsize::new(0),
        })
    }

    /// Runs forever. A bot that shares its store with nobody finds what the
    /// previous process left behind when it starts: all of that is due.
    pub(crate) async fn run(self: Arc<Self>) {
        let late = &self.engine.late;
        if !self.is_shared()
            && let Err(error) = make_all_due(self.store()).await
        {
            tracing::warn!(%error, "what the previous process left behind is tended when it is due");
        }
        loop {
            let pause = self.tend().await.unwrap_or(SOON);
            late.outbox.sleep(pause).await;
        }
    }

    /// Works on what is due, and returns when to look again.
    async fn tend(self: &Arc<Self>) -> Result<Duration, StoreError> {
        let outbox = &self.engine.late.outbox;
        outbox.settle().await;
        self.tend_all(outbox.take_unwritten());
        let room = MAX_AT_ONCE.saturating_sub(self.at_once.load(Ordering::Relaxed));
        if room == 0 {
            return Ok(BETWEEN_CHECKS);
        }
        let due = outbox.lease_due(BATCH.min(room)).await?;
        let is_full = due.len() == BATCH.min(room);
        let due = self.read(due).await;
        self.tend_all(due);
        self.forget_dead_letters().await?;
        self.engine.late.kept.expire().await?;
        if is_full {
            return Ok(BETWEEN_BATCHES);
        }
        let next = self.store().list_after(OUTBOX, None, 1).await?;
        let Some(next) = next.first() else { return Ok(self.longest_pause()) };
        let until_due = next.item.due.saturating_sub(self.store().now().await?);
        Ok(Duration::from_millis(until_due).min(self.longest_pause()))
    }

    fn longest_pause(&self) -> Duration {
        match (self.engine.late.outbox.is_settled(), self.is_shared()) {
            (false, _) => SOON,
            (true, true) => LIVENESS_CHECK,
            (true, false) => SELDOM,
        }
    }

    /// What can't be read is moved to the dead letters as it is, and does not come due again.
    async fn read(&self, queued: Vec<QueuedItem>) -> Vec<(Lease, OutboxItem)> {
        let mut read = Vec::new();
        for queued in queued {
            let id = &*queued.item.id;
            match OutboxItem::read(&queued.item) {
                Ok(item) => read.push((Lease::new(id, Some(queued.token)), item)),
                Err(error) => {
                    tracing::error!(id, %error, "moving an item to the dead letters");
                    self.engine.late.bury_unreadable(queued).await;
                }
            }
        }
        read
    }

    /// Each follower's items one by one in their order; followers in parallel.
    fn tend_all(self: &Arc<Self>, items: Vec<(Lease, OutboxItem)>) {
        let mut followers: BTreeMap<(String, String), Vec<(Lease, OutboxItem)>> = BTreeMap::new();
        for (lease, item) in items {
            let follower = (item.act.account.clone(), item.act.openid.clone());
            followers.entry(follower).or_default().push((lease, item));
        }
        for mut items in followers.into_values() {
            items.sort_by_key(|(_, item)| item.act.at);
            let at_once = AtOnce::new(self, items.len());
            self.engine.tasks.spawn(async move { at_once.worker.tend_follower(items).await });
        }
    }

    /// One after the other; the leases of those that wait are renewed.
    async fn tend_follower(&self, items: Vec<(Lease, OutboxItem)>) {
        let outbox = &self.engine.late.outbox;
        let (leases, items): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        for (place, item) in items.into_iter().enumerate() {
            let (lease, later) = (&leases[place], &leases[place + 1..]);
            if place == 0 || outbox.renew(lease, None).await {
                outbox.keep(later.iter(), self.tend_one(lease, item)).await;
            }
        }
    }

    async fn tend_one(&self, lease: &Lease, item: OutboxItem) {
        let late = &self.engine.late;
        if self.engine.clock.millis() >= item.expires {
            return late.give_up(lease, item, "it expired").await;
        }
        let Some(account) = self.account(&item) else {
            let account = &*item.act.account;
            tracing::debug!(account, "no account of this bot has this late answer");
            late.outbox.postpone(lease, &item, UNKNOWN_ACCOUNT).await;
            return;
        };
        match &item.stage {
            Stage::Ready { .. } => self.give(account, lease, item).await,
            Stage::Promised { by, .. } => {
                if !self.resumption.is_worked_on(account, lease.id(), by).await {
                    self.resumption.resume(account, lease, item).await;
                }
            }
        }
    }

    /// Gives an answer, unless another one counts.
    async fn give(&self, account: &AccountRuntime, lease: &Lease, item: OutboxItem) {
        let late = &self.engine.late;
        match key(lease.id()) {
            // Its writer may have died before anybody knew, and then its promise was kept by another
            // process.
            Some(key) if !self.claim_answer(key, lease.id()).await => {
                late.outbox.remove_leased(lease).await;
            }
            _ => late.give(account.late(), lease, item).await,
        }
    }

    async fn claim_answer(&self, key: MessageKey, id: &str) -> bool {
        match &self.engine.instances {
            Some(instances) => instances.finish(key, id).await,
            None => true,
        }
    }

    async fn forget_dead_letters(&self) -> Result<(), StoreError> {
        let over = self.store().lease_due(DEAD_LETTERS, LEASE, BATCH).await?;
        for QueuedItem { item, token, .. } in over {
            self.store().remove_if(DEAD_LETTERS, &item.id, token).await?;
        }
        Ok(())
    }

    /// The account of an item: with the same app id, as two bots that share a store may both have
    /// an account of this name.
    fn account(&self, item: &OutboxItem) -> Option<&Arc<AccountRuntime>> {
        let has_id = |account: &&Arc<AccountRuntime>| **account.id() == *item.act.account;
        let account = self.accounts.iter().find(has_id)?;
        let app_id = item.app_id.as_deref().filter(|_| !account.app_id().is_empty());
        app_id.is_none_or(|app_id| app_id == account.app_id()).then_some(account)
    }

    fn store(&self) -> &dyn Store {
        &*self.engine.store
    }

    fn is_shared(&self) -> bool {
        self.engine.store.reach() == Reach::Instances
    }
}

/// Counts items as in progress until dropped.
struct AtOnce {
    worker: Arc<OutboxWorker>,
    count: usize,
}

impl AtOnce {
    fn new(worker: &Arc<OutboxWorker>, count: usize) -> Self {
        worker.at_once.fetch_add(count, Ordering::Relaxed);
        Self { worker: Arc::clone(worker), count }
    }
}

impl Drop for AtOnce {
    fn drop(&mut self) {
        self.worker.at_once.fetch_sub(self.count, Ordering::Relaxed);
    }
}
