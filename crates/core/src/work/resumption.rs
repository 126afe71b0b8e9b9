//! Work that a process which died had promised, begun again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::delivery::deferral;
use super::job::Job;
use super::run::rerun;
use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;
use crate::key::MessageKey;
use crate::late::item::{OutboxItem, Stage, key};
use crate::late::lease::{LEASE, Lease};
use crate::late::outbox::Postponed;
use crate::once::instances::Takeover;
use crate::once::ledger::Lookup;
use crate::response::{Promise, Route};

/// Attempts at work, over most of an hour, before it is given up: it probably takes its process down
/// with it.
const MAX_ATTEMPTS: u32 = 20;
/// Attempts that follow each other at once; later ones wait.
const ATTEMPTS_AT_ONCE: u32 = 3;

/// Resumes the work of processes that died.
pub(super) struct Resumption {
    engine: Arc<Engine>,
    /// Messages whose work is resumed here.
    resumed: Mutex<HashSet<MessageKey>>,
}

impl Resumption {
    pub(super) fn new(engine: &Arc<Engine>) -> Self {
        Self { engine: Arc::clone(engine), resumed: Mutex::default() }
    }

    pub(super) async fn is_worked_on(&self, account: &AccountRuntime, id: &str, by: &str) -> bool {
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

    /// Begins the work again that another process had promised.
    pub(super) async fn resume(
        &self,
        account: &Arc<AccountRuntime>,
        lease: &Lease,
        mut item: OutboxItem,
    ) {
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

    fn resumed(&self) -> MutexGuard<'_, HashSet<MessageKey>> {
        self.resumed.lock().expect("no code panics while holding this lock")
    }
}

/// Marks work as resumed here until dropped.
struct Resumed<'r> {
    resumption: &'r Resumption,
    key: MessageKey,
}

impl<'r> Resumed<'r> {
    fn new(resumption: &'r Resumption, key: MessageKey) -> Self {
        resumption.resumed().insert(key);
        Self { resumption, key }
    }
}

impl Drop for Resumed<'_> {
    fn drop(&mut self) {
        self.resumption.resumed().remove(&self.key);
    }
}

/// How long work waits after so many attempts. Of work that went down together more than once,
/// each is begun at a different time, as one of them may be the cause.
pub(super) fn backoff(attempts: u32) -> Duration {
    match attempts.checked_sub(ATTEMPTS_AT_ONCE) {
        Some(more) => Duration::from_secs(1 << more.min(8)).mul_f64(rand::random_range(0.5..1.5)),
        None => Duration::ZERO,
    }
}
