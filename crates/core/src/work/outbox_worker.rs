//! Tends the outbox: gives what is due again, and begins again the work that a process which died
//! had promised.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX};
use wxbot_sdk::store::{Item, Reach, Store};

use super::delivery::deferral;
use super::job::Job;
use super::run::rerun;
use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;
use crate::key::MessageKey;
use crate::late::item::{OutboxItem, Stage, is_answer, is_promise, key};
use crate::late::lease::LEASE;
use crate::late::sender::millis;
use crate::once::instances::Takeover;
use crate::once::ledger::Lookup;
use crate::response::{Promise, Route};

/// Leased at once; more are when these are on their way.
const BATCH: usize = 64;
const BETWEEN_BATCHES: Duration = Duration::from_millis(10);
/// Left behind by the previous process.
const MAX_LEFT_BEHIND: usize = 1 << 20;
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
}

impl OutboxWorker {
    pub(crate) fn new(engine: &Arc<Engine>, accounts: &[Arc<AccountRuntime>]) -> Arc<Self> {
        let (engine, accounts) = (Arc::clone(engine), accounts.to_vec());
        Arc::new(Self { engine, accounts, resumed: Mutex::default() })
    }

    /// Tends the outbox for ever. Who starts and shares the store with nobody finds what the
    /// previous process left behind: all of it is due.
    pub(crate) async fn run(self: Arc<Self>) {
        let late = &self.engine.late;
        if !self.is_shared() {
            self.make_all_due(self.engine.clock.millis()).await;
        }
        loop {
            let pause = self.tend().await;
            late.outbox.sleep(pause).await;
        }
    }

    /// Tends what is due, and says when to look again.
    async fn tend(self: &Arc<Self>) -> Duration {
        let (outbox, now) = (&self.engine.late.outbox, self.engine.clock.millis());
        outbox.settle().await;
        self.tend_all(outbox.take_pending(now));
        let due = self.store().take_due(OUTBOX, now, now + millis(LEASE), BATCH).await;
        let Ok(items) = due else { return SOON };
        let is_full = items.len() == BATCH;
        let items = self.read(items).await;
        self.tend_all(items);
        self.forget_dead_letters(now).await;
        if is_full {
            return BETWEEN_BATCHES;
        }
        let next = self.store().list(OUTBOX, 1).await.ok();
        let next = next.and_then(|items| Some(items.first()?.due.saturating_sub(now)));
        next.map_or(SELDOM, Duration::from_millis).min(self.longest_pause())
    }

    fn longest_pause(&self) -> Duration {
        match (self.engine.late.outbox.is_settled(), self.is_shared()) {
            (false, _) => SOON,
            (true, true) => LIVENESS_CHECK,
            (true, false) => SELDOM,
        }
    }

    /// What can't be read is moved to the dead letters as it is, and does not come due again.
    async fn read(&self, items: Vec<Item>) -> Vec<(String, OutboxItem)> {
        let mut read = Vec::new();
        for item in items {
            match OutboxItem::read(&item) {
                Ok(late) => read.push((item.id, late)),
                Err(error) => {
                    tracing::error!(id = item.id, %error, "moving an item to the dead letters");
                    self.engine.late.bury_unreadable(item).await;
                }
            }
        }
        read
    }

    /// Each follower's in their order, and followers beside each other.
    fn tend_all(self: &Arc<Self>, items: Vec<(String, OutboxItem)>) {
        let mut followers: BTreeMap<(String, String), Vec<(String, OutboxItem)>> = BTreeMap::new();
        for (id, item) in items {
            let follower = (item.act.account.clone(), item.act.openid.clone());
            followers.entry(follower).or_default().push((id, item));
        }
        for mut items in followers.into_values() {
            items.sort_by_key(|(_, item)| item.act.at);
            let worker = Arc::clone(self);
            self.engine.tasks.spawn(async move {
                for (id, item) in items {
                    worker.tend_one(&id, item).await;
                }
            });
        }
    }

    async fn tend_one(&self, id: &str, item: OutboxItem) {
        let late = &self.engine.late;
        let Some(account) = self.account(&item.act.account) else {
            let why = format!("no account is called `{}` any more", item.act.account);
            return late.give_up(id, item, &why).await;
        };
        if self.engine.clock.millis() >= item.expires {
            return late.give_up(id, item, "it expired").await;
        }
        match &item.stage {
            Stage::Ready { .. } => self.give(account, id, item).await,
            Stage::Promised { by, .. } => {
                if !self.is_worked_on(account, id, by).await {
                    self.resume(account, id, item).await;
                }
            }
        }
    }

    /// Gives an answer, unless somebody else is about to.
    async fn give(&self, account: &AccountRuntime, id: &str, item: OutboxItem) {
        let late = &self.engine.late;
        let Some(lease) = late.leases.acquire(id).await else { return };
        if let Some(item) = late.outbox.current(id, item).await {
            match key(id) {
                // Its writer may have died before anybody knew, and then its promise was kept by
                // another process.
                Some(key) if !self.claim_answer(key, id).await => late.outbox.remove(id).await,
                _ => late.give(account.late(), &lease, item).await,
            }
        }
        lease.release().await;
    }

    /// Works anew on what another process had promised.
    async fn resume(&self, account: &Arc<AccountRuntime>, id: &str, mut item: OutboxItem) {
        let late = &self.engine.late;
        item.attempts += 1;
        if item.attempts > MAX_ATTEMPTS {
            return late.give_up(id, item, "the work on it never came to an end").await;
        }
        let Some((key, message)) = key(id).zip(item.message()) else {
            return late.give_up(id, item, "its message can't be read").await;
        };
        let Stage::Promised { by, route, .. } = &mut item.stage else { return };
        let (by, route) = (std::mem::replace(by, self.engine.instance.clone()), *route);
        let arrived = (Instant::now(), self.engine.clock.seconds());
        let work = Job::work(&self.engine, account, key, message, arrived);
        let job = Job::new(&self.engine, account, work);
        match self.take_over(&job, id, &by, route).await {
            Takeover::Mine => {}
            Takeover::Theirs => return,
            Takeover::Finished => return late.outbox.remove(id).await,
        }
        let due = self.engine.clock.millis() + millis(LEASE.max(backoff(item.attempts)));
        if !late.outbox.rewrite(id, &item, due).await {
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
        match ledger.look_up(key, job.work.began, || Arc::clone(&job.work)) {
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
    async fn make_all_due(&self, now: u64) {
        let left_behind = self.store().list(OUTBOX, MAX_LEFT_BEHIND).await.unwrap_or_default();
        if left_behind.is_empty() {
            return;
        }
        let items = left_behind.len();
        tracing::info!(items, "resuming late answers left by the previous process");
        let answers = left_behind.iter().filter(|item| is_answer(&item.id));
        let answered: HashSet<_> = answers.filter_map(|item| key(&item.id)).collect();
        let has_answer = |item: &Item| {
            is_promise(&item.id) && key(&item.id).is_some_and(|key| answered.contains(&key))
        };
        let (over, owed): (Vec<_>, Vec<_>) = left_behind.into_iter().partition(has_answer);
        join_all(over.iter().map(|promise| self.engine.late.outbox.remove(&promise.id))).await;
        let due = |item: Item| {
            let attempts = OutboxItem::read(&item).map_or(0, |late| late.attempts_at_work());
            let due = item.due.min(now + millis(backoff(attempts)));
            self.store().update(OUTBOX, Item { due, ..item })
        };
        join_all(owed.into_iter().map(due)).await;
    }

    async fn forget_dead_letters(&self, now: u64) {
        let over = self.store().take_due(DEAD_LETTERS, now, now + millis(LEASE), BATCH).await;
        for item in over.unwrap_or_default() {
            let _ = self.store().remove(DEAD_LETTERS, &item.id).await;
        }
    }

    fn account(&self, id: &str) -> Option<&Arc<AccountRuntime>> {
        self.accounts.iter().find(|account| &**account.id() == id)
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
