//! One job, from its lease to its end.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use wxbot_sdk::job::{
    Job, JobContext, JobKind, JobLease, JobRecord, MAX_ATTEMPTS, id_of_dead, name_of,
};
use wxbot_sdk::redact::ShortOpenids;
use wxbot_sdk::store::record::{decode, encode};
use wxbot_sdk::store::{Item, QueuedItem, Store, StoreError};
use wxbot_sdk::tasks::unpanicked;

use super::lease::Lease;
use super::log_name::log_name;
use super::lookout::is_missed;
use crate::chain::may_block;
use crate::journal::{JobOutcome, Journal, JournalEvent};
use crate::late::outbox::millis;
use crate::lifecycle::instance::Instance;
use crate::shutdown::Shutdown;

/// So often a lease is renewed, and it is looked whether the job got further.
const RENEWED_EVERY: Duration = Duration::from_secs(10);
/// Another instance of the bot, with another configuration, may know it.
const UNKNOWN: Duration = Duration::from_secs(5);
/// After that it is forgotten.
const UNKNOWN_FOR: Duration = Duration::from_secs(24 * 3600);
/// Too many schedules are at work.
const POSTPONED: Duration = Duration::from_secs(5);
/// Dead letters are listed for a week.
const LISTED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// The store is in trouble.
const SOON: Duration = Duration::from_millis(500);

/// A job that this instance of the bot has leased.
pub(super) struct Run {
    instance: Arc<Instance>,
    queued: QueuedItem,
    /// Since when somebody looks for what is due.
    since: u64,
    store: Arc<dyn Store>,
    queue: String,
    dead: String,
    journal: Arc<Journal>,
    shutdown: Arc<Shutdown>,
}

/// What came of an attempt.
enum Outcome {
    Done,
    Failed(String),
    /// The bot is stopping.
    Stopped,
    /// Somebody else has it.
    Lost,
}

/// What is to become of the item.
pub(super) enum Next {
    Removed,
    Due(JobRecord, u64),
}

impl Run {
    pub(super) fn new(
        instance: &Arc<Instance>,
        (queued, since): (QueuedItem, u64),
        (store, queue, dead): (Arc<dyn Store>, &str, &str),
        (journal, shutdown): (&Arc<Journal>, &Arc<Shutdown>),
    ) -> Self {
        Self {
            instance: Arc::clone(instance),
            queued,
            since,
            store,
            queue: queue.to_owned(),
            dead: dead.to_owned(),
            journal: Arc::clone(journal),
            shutdown: Arc::clone(shutdown),
        }
    }

    /// From whether it is to be done at all to what becomes of it.
    pub(super) async fn finish(self) {
        let record = match decode::<JobRecord>(&self.queued.item.value) {
            Ok(record) => record,
            Err(error) => return self.bury_unreadable(&error.to_string()).await,
        };
        let Some(now) = self.now().await else { return };
        if !self.is_known(&record) {
            return self.settle(unknown(record, now)).await;
        }
        if is_missed(&record, self.since) {
            tracing::info!(
                link = self.instance.id(),
                job = self.log_name(),
                "left out what was missed"
            );
            self.count(JobOutcome::Skipped);
            return self.settle(following(record, now)).await;
        }
        self.attempt(JobRecord { attempts: record.attempts + 1, ..record }).await;
    }

    /// Leaves it for a little later, untouched.
    pub(super) async fn postpone(self) {
        let Some(now) = self.now().await else { return };
        match decode::<JobRecord>(&self.queued.item.value) {
            Ok(record) => self.settle(Next::Due(record, now + millis(POSTPONED))).await,
            Err(error) => self.bury_unreadable(&error.to_string()).await,
        }
    }

    /// Notes the attempt before it is made: one that takes the process down with it counts.
    async fn attempt(&self, record: JobRecord) {
        if record.attempts > MAX_ATTEMPTS {
            return self.give_up(record, "it never came to an end").await;
        }
        let (id, token) = (&*self.queued.item.id, self.queued.token);
        let at = (Arc::clone(&self.store), &*self.queue);
        let watch = (&self.journal, &self.shutdown);
        let lease = Arc::new(Lease::new(at, (id, token), record, &self.instance, watch));
        match lease.write_in_time().await {
            Ok(true) => {
                let outcome = self.ask(&lease).await;
                self.conclude(&lease, outcome).await;
            }
            Ok(false) => {}
            Err(error) => {
                let (link, job) = (self.instance.id(), self.log_name());
                tracing::warn!(link, job, %error, "a job waits for the store");
            }
        }
    }

    /// As a task of its own, which may block or hang; no longer than `timeout` without getting
    /// further, and not when somebody else has the job.
    async fn ask(&self, lease: &Arc<Lease>) -> Outcome {
        let (handler, instance) =
            (Arc::clone(&self.instance.handler), self.instance.context.clone());
        let ctx = JobContext::new(instance, Arc::clone(lease) as Arc<dyn JobLease>);
        let job = job(self.name(), lease.record());
        let work = async move { unpanicked(handler.on_job(&ctx, &job)).await };
        let work = may_block(work, Arc::new(AtomicUsize::new(0)));
        let mut work = AbortOnDrop(Handle::current().spawn(work));
        loop {
            let left = lease.deadline().saturating_duration_since(Instant::now());
            let waiting = timeout(left.min(RENEWED_EVERY), &mut work.0);
            let waited = tokio::select! {
                waited = waiting => waited,
                () = lease.refused() => return Outcome::Stopped,
            };
            match waited {
                Ok(Ok(Ok(Ok(())))) => return Outcome::Done,
                Ok(Ok(Ok(Err(error)))) => return Outcome::Failed(error.to_string()),
                Ok(Ok(Err(_)) | Err(_)) => return Outcome::Failed("it panicked".into()),
                Err(_) if Instant::now() >= lease.deadline() => {
                    let limit = lease.limit();
                    return Outcome::Failed(format!("it took longer than {limit:?}"));
                }
                // A store in trouble gives it to nobody else.
                Err(_) if matches!(lease.write().await, Ok(false)) => return Outcome::Lost,
                Err(_) => {}
            }
        }
    }

    /// Whether somebody has leased, written or removed the item since; a store in trouble does not
    /// say.
    async fn is_lost(&self) -> bool {
        match self.store.get_item(&self.queue, &self.queued.item.id).await {
            Ok(found) => found.is_none_or(|found| found.token != self.queued.token),
            Err(_) => false,
        }
    }

    async fn conclude(&self, lease: &Lease, outcome: Outcome) {
        let record = lease.record();
        match outcome {
            Outcome::Done => {
                self.count(JobOutcome::Done);
                if let Some(now) = self.now().await {
                    self.settle(next(record, lease.again(), now)).await;
                }
            }
            Outcome::Lost => {
                tracing::warn!(
                    link = self.instance.id(),
                    job = self.log_name(),
                    "another instance took it over"
                );
            }
            // Due at once, for the next process.
            Outcome::Stopped => {
                let attempts = record.attempts.saturating_sub(1);
                let due = record.due;
                self.settle(Next::Due(JobRecord { attempts, ..record }, due)).await;
            }
            Outcome::Failed(why) if record.attempts >= MAX_ATTEMPTS => {
                self.give_up(record, &why).await;
            }
            Outcome::Failed(why) => {
                let (attempt, pause) = (record.attempts, backoff(record.attempts));
                tracing::warn!(
                    link = self.instance.id(),
                    job = self.log_name(),
                    attempt,
                    why = %ShortOpenids(&why),
                    "a job failed"
                );
                self.count(JobOutcome::Retried);
                let record = JobRecord { last_error: Some(why), ..record };
                if let Some(now) = self.now().await {
                    self.settle(Next::Due(record, now + millis(pause))).await;
                }
            }
        }
    }

    /// A dead letter, and one line. A schedule goes on.
    async fn give_up(&self, record: JobRecord, why: &str) {
        let attempts = record.attempts.min(MAX_ATTEMPTS);
        tracing::error!(
            link = self.instance.id(),
            job = self.log_name(),
            attempts,
            why = %ShortOpenids(why),
            "a job was given up"
        );
        self.count(JobOutcome::GivenUp);
        let Some(now) = self.now().await else { return };
        let id = id_of_dead(&self.queued.item.id, record.due);
        let record = JobRecord { last_error: Some(why.to_owned()), ..record };
        self.list_as_dead(Item { id, value: encode(&record), due: now + millis(LISTED_FOR) }).await;
        self.settle(following(record, now)).await;
    }

    async fn bury_unreadable(&self, error: &str) {
        let (link, job) = (self.instance.id(), self.log_name());
        tracing::error!(link, job, error, "a job can't be read");
        let Some(now) = self.now().await else { return };
        self.list_as_dead(Item { due: now + millis(LISTED_FOR), ..self.queued.item.clone() }).await;
        self.settle(Next::Removed).await;
    }

    async fn list_as_dead(&self, item: Item) {
        if let Err(error) = self.store.push(&self.dead, item).await {
            tracing::warn!(%error, "a job that was given up is not listed");
        }
    }

    /// Writes what becomes of the item, unless somebody else has it by now: again and again while
    /// the store is in trouble, as what was done must not be done again.
    async fn settle(&self, next: Next) {
        while let Err(error) = self.try_settle(&next).await {
            tracing::debug!(%error, "the store is asked again");
            sleep(SOON).await;
        }
    }

    async fn try_settle(&self, next: &Next) -> Result<bool, StoreError> {
        let (id, token) = (&self.queued.item.id, self.queued.token);
        match next {
            Next::Removed => self.store.remove_if(&self.queue, id, token).await,
            Next::Due(record, due) => {
                let item = Item { id: id.clone(), value: encode(record), due: *due };
                self.store.update_if(&self.queue, item, token).await
            }
        }
    }

    /// The store's time, as soon as it tells; `None` when the job is somebody else's.
    async fn now(&self) -> Option<u64> {
        loop {
            match self.store.now().await {
                Ok(now) => return Some(now),
                Err(_) if self.is_lost().await => return None,
                Err(_) => sleep(SOON).await,
            }
        }
    }

    fn is_known(&self, record: &JobRecord) -> bool {
        let is_scheduled = record.kind != JobKind::Once;
        !is_scheduled || self.instance.schedules.iter().any(|one| one.name == self.name())
    }

    fn name(&self) -> &str {
        name_of(&self.queued.item.id)
    }

    fn log_name(&self) -> String {
        log_name(&self.queued.item.id)
    }

    fn count(&self, outcome: JobOutcome) {
        let (place, link) = (self.instance.place, self.instance.id());
        self.journal.record(JournalEvent::Job { place, link, outcome });
    }
}

/// What plugins see of it.
fn job(name: &str, record: JobRecord) -> Job {
    let JobRecord { kind, due, attempts, payload, checkpoint, .. } = record;
    let is_scheduled = kind != JobKind::Once;
    Job { name: name.to_owned(), due, is_scheduled, attempt: attempts, payload, checkpoint }
}

/// After it is done: as it asked to come again, or by its schedule.
fn next(record: JobRecord, again: Option<(Duration, serde_json::Value)>, now: u64) -> Next {
    match again {
        Some((delay, payload)) if record.kind == JobKind::Once => {
            let due = now.saturating_add(millis(delay));
            Next::Due(JobRecord { due, attempts: 0, payload, checkpoint: None, ..record }, due)
        }
        _ => following(record, now),
    }
}

/// After it is done or left out: the next time, counted from the one that was due, so that a clock
/// that goes back does not make it come twice.
pub(super) fn following(record: JobRecord, now: u64) -> Next {
    let JobKind::Cron { cron, zone, missed, .. } = record.kind else { return Next::Removed };
    let Some(due) = cron.next_after(record.due.max(now), zone) else { return Next::Removed };
    let kind = JobKind::Cron { cron, zone, missed, last: Some(now) };
    Next::Due(JobRecord::new(kind, due, record.payload), due)
}

/// A schedule that this configuration does not have: another instance may, for a while.
fn unknown(record: JobRecord, now: u64) -> Next {
    match now > record.due.saturating_add(millis(UNKNOWN_FOR)) {
        true => Next::Removed,
        false => Next::Due(record, now + millis(UNKNOWN)),
    }
}

/// Half a minute at first, then ever longer.
fn backoff(attempts: u32) -> Duration {
    Duration::from_secs(30 << (2 * attempts.saturating_sub(1)).min(8))
}

/// Whoever stops waiting for it ends it.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::schedule::{Missed, Zone};

    use super::*;

    /// 2025-01-01 08:00 in Beijing.
    const MORNING: u64 = 1_735_689_600_000;
    const HOUR: u64 = 3_600_000;

    fn record(missed: Missed, due: u64) -> JobRecord {
        let cron = "0 * * * *".parse().unwrap();
        let kind = JobKind::Cron { cron, zone: Zone::BEIJING, missed, last: None };
        JobRecord::new(kind, due, serde_json::Value::Null)
    }

    #[test]
    fn a_clock_that_is_set_makes_no_time_come_twice() {
        for (now, expected) in [
            (MORNING, MORNING + HOUR),
            (MORNING - 10_000, MORNING + HOUR),
            (MORNING - 5 * HOUR, MORNING + HOUR),
            (MORNING + 5 * HOUR + 1, MORNING + 6 * HOUR),
        ] {
            match following(record(Missed::Skip, MORNING), now) {
                Next::Due(next, due) => {
                    assert_eq!((next.due, due, next.attempts), (expected, expected, 0));
                }
                Next::Removed => panic!("it comes again"),
            }
        }
    }

    #[test]
    fn what_fails_waits_ever_longer() {
        let all: Vec<_> = (1..MAX_ATTEMPTS).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(all, [30, 120, 480, 1920]);
    }
}
