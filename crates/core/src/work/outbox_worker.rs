//! Tends the outbox: gives what is due again, and begins again the work that a process which died
//! had promised.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::{Cursor, Item, QueuedItem, Reach, Store, StoreError};

use super::delivery::deferral;
use super::job::Job;
use super::run::rerun;
use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;
use crate::key::MessageKey;
use crate::late::item::{OutboxItem, Stage, is_answer, is_promise, key};
use crate::late::lease::{LEASE, Lease};
use crate::late::outbox::{Postponed, millis};
use crate::once::instances::Takeover;
use crate::once::ledger::Lookup;
use crate::response::{Promise, Route};

/// Leased at once; more are when these are on their way.
const BATCH: usize = 64;
const BETWEEN_BATCHES: Duration = Duration::from_millis(10);
/// Tended at once; what else is due waits in the store.
const MAX_AT_ONCE: usize = 1024;
/// As many are tended as may be.
const BETWEEN_CHECKS: Duration = Duration::from_millis(100);
/// Read at once of what the previous process left behind.
const PAGE: usize = 1000;
/// Another bot may have the account, or this one again after its next start.
const UNKNOWN_ACCOUNT: Duration = Duration::from_secs(300);
/// Work that was begun so often and never finished, over most of an hour, takes its process down
/// with it.
const MAX_ATTEMPTS: u32 = 20;
/// Work that was begun so often and not finished waits before it is begun again.
const ATTEMPTS_AT_ONCE: u32 = 3;
/// Another instance may have died: so often it is looked.
const LIVENESS_CHECK: Duration = Duration::from_secs(2);
/// The store is in trouble.
const SOON: Duration = Duration::from_millis(500);
/// Nothing else can come into the outbox unseen, but a clock may be set.
const SELDOM: Duration = Duration::from_secs(60);

/// Looks after the outbox of all accounts.
pub(crate) struct OutboxWorker {
    engine: Arc<Engine>,
    accounts: Vec<Arc<AccountRuntime>>,
    /// What is worked on again here.
    resumed: Mutex<HashSet<MessageKey>>,
    /// How many items are tended right now.
    at_once: AtomicUsize,
}

impl OutboxWorker {
    pub(crate) fn new(engine: &Arc<Engine>, accounts: &[Arc<AccountRuntime>]) -> Arc<Self> {
        let (engine, accounts) = (Arc::clone(engine), accounts.to_vec());
        Arc::new(Self { engine, accounts, resumed: Mutex::default(), at_once: AtomicUsize::new(0) })
    }

    /// Tends the outbox for ever. Who starts and shares the store with nobody finds what the
    /// previous process left behind: all of it is due.
    pub(crate) async fn run(self: Arc<Self>) {
        let late = &self.engine.late;
        if !self.is_shared()
            && let Err(error) = self.make_all_due().await
        {
            tracing::warn!(%error, "what the previous process left behind is tended when it is due");
        }
        loop {
            let pause = self.tend().await.unwrap_or(SOON);
            late.outbox.sleep(pause).await;
        }
    }

    /// Tends what is due, and says when to look again.
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
        self.engine.late.expire_waiting().await?;
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

    /// Each follower's in their order, and followers beside each other.
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

    /// One after the other; those that wait meanwhile stay leased.
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
                if !self.is_worked_on(account, lease.id(), by).await {
                    self.resume(account, lease, item).await;
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

    /// Works anew on what another process had promised.
    async fn resume(&self, account: &Arc<AccountRuntime>, lease: &Lease, mut item: OutboxItem) {
        let (late, id) = (&self.engine.late, lease.id());
        item.attempts += 1;
        if item.attempts > MAX_ATTEMPTS {
            return late.give_up(lease, item, "the work on it never came to an end").await;
        }
        let Some((key, message)) = key(id).zip(item.message()) else {
            return late.give_up(lease, item, "its message can't be read").await;
        };
        let Stage::Promised { by, route, .. } = &mut item.stage else { return };
        let (by, route) = (std::mem::replace(by, self.engine.instance.clone()), *route);
        let arrived = (Instant::now(), self.engine.clock.seconds());
        let work = Job::work(&self.engine, account, key, message, arrived);
        let job = Job::new(&self.engine, account, work);
        match self.take_over(&job, id, &by, route).await {
            Takeover::Mine => {}
            Takeover::Theirs => return,
            Takeover::Finished => return late.outbox.remove_leased(lease).await,
        }
        let pause = LEASE.max(backoff(item.attempts));
        if late.outbox.postpone(lease, &item, pause).await == Postponed::LeaseLost {
            return;
        }
        let account = item.act.account.as_str();
        tracing::info!(account, "resuming the work that another process promised");
        let resumed = Resumed::new(self, key);
        let parts = rerun(&job).await;
        drop(resumed);
        item.attempts = 0;
        job.deliver_late(Promise { route, id: id.to_owned() }, item, parts).await;
    }

    /// Where instances share the store, only one of them resumes. Elsewhere WeChat may not have
    /// heard what was promised: a repeat is answered that now, and is not worked on. One that came
    /// before this is worked on already.
    async fn take_over(&self, job: &Job, id: &str, by: &str, route: Route) -> Takeover {
        if let Some(instances) = &self.engine.instances {
            return instances.take_over(job.work.key, id, by).await;
        }
        let (ledger, key) = (job.account.ledger(), job.work.key);
        match ledger.look_up_promised(key, job.work.began, || Arc::clone(&job.work)) {
            Lookup::First(_) => {
                ledger.record(key, deferral(job, route, None), job.work.began);
                Takeover::Mine
            }
            Lookup::Running(_) => Takeover::Theirs,
            Lookup::Answered(_) | Lookup::Replayed => Takeover::Finished,
        }
    }

    async fn claim_answer(&self, key: MessageKey, id: &str) -> bool {
        match &self.engine.instances {
            Some(instances) => instances.finish(key, id).await,
            None => true,
        }
    }

    async fn is_worked_on(&self, account: &AccountRuntime, id: &str, by: &str) -> bool {
        if by == self.engine.instance {
            return key(id).is_some_and(|key| {
                account.ledger().is_running(key) || self.resumed().contains(&key)
            });
        }
        match &self.engine.instances {
            Some(instances) => instances.is_alive(by).await,
            None => false,
        }
    }

    /// What the previous process left behind is due now; a promise whose answer is there, too, is
    /// over.
    async fn make_all_due(&self) -> Result<(), StoreError> {
        let now = self.store().now().await?;
        let (mut answered, mut left_behind, mut place) = (HashSet::new(), 0, None);
        while let Some(page) = self.next_page(&mut place).await? {
            left_behind += page.len();
            let answers = page.iter().filter(|queued| is_answer(&queued.item.id));
            answered.extend(answers.filter_map(|queued| key(&queued.item.id)));
        }
        if left_behind == 0 {
            return Ok(());
        }
        tracing::info!(items = left_behind, "resuming late answers left by the previous process");
        let mut place = None;
        while let Some(page) = self.next_page(&mut place).await? {
            let mut changes = Vec::with_capacity(page.len());
            for queued in page {
                changes.push(self.make_due(queued, &answered, now));
            }
            try_join_all(changes).await?;
        }
        Ok(())
    }

    async fn make_due(
        &self,
        queued: QueuedItem,
        answered: &HashSet<MessageKey>,
        now: u64,
    ) -> Result<(), StoreError> {
        let QueuedItem { item, token, is_leased } = queued;
        if is_leased && item.due >= now + millis(LEASE) {
            // By this process, which was asked something meanwhile.
            return Ok(());
        }
        let has_answer = || key(&item.id).is_some_and(|key| answered.contains(&key));
        if is_promise(&item.id) && has_answer() {
            return self.store().remove_if(OUTBOX, &item.id, token).await.map(drop);
        }
        let attempts = OutboxItem::read(&item).map_or(0, |late| late.attempts_at_work());
        let due = item.due.min(now + millis(backoff(attempts)));
        self.store().update_if(OUTBOX, Item { due, ..item }, token).await.map(drop)
    }

    /// A page of the outbox, the next due first. An item that is made due sooner meanwhile is not met
    /// again.
    async fn next_page(
        &self,
        place: &mut Option<Cursor>,
    ) -> Result<Option<Vec<QueuedItem>>, StoreError> {
        let page = self.store().list_after(OUTBOX, place.as_ref(), PAGE).await?;
        *place = page.last().map(QueuedItem::cursor);
        Ok(place.is_some().then_some(page))
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

    fn resumed(&self) -> MutexGuard<'_, HashSet<MessageKey>> {
        self.resumed.lock().expect("no code panics while holding this lock")
    }
}

/// So many items are tended right now, for as long as it lasts.
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

/// While it lasts, nobody here resumes the same work.
struct Resumed<'w> {
    worker: &'w OutboxWorker,
    key: MessageKey,
}

impl<'w> Resumed<'w> {
    fn new(worker: &'w OutboxWorker, key: MessageKey) -> Self {
        worker.resumed().insert(key);
        Self { worker, key }
    }
}

impl Drop for Resumed<'_> {
    fn drop(&mut self) {
        self.worker.resumed().remove(&self.key);
    }
}

/// How long work waits that was begun so often. Of works that went down together more than once,
/// each is begun at another time: one of them may be why.
fn backoff(attempts: u32) -> Duration {
    match attempts.checked_sub(ATTEMPTS_AT_ONCE) {
        Some(more) => Duration::from_secs(1 << more.min(8)).mul_f64(rand::random_range(0.5..1.5)),
        None => Duration::ZERO,
    }
}
