//! One job, from its lease to its end.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use wxbot_sdk::clock::millis;
use wxbot_sdk::job::{
    Job, JobContext, JobKind, JobLease, JobRecord, MAX_ATTEMPTS, id_of_dead, name_of,
};
use wxbot_sdk::redact::ShortOpenids;
use wxbot_sdk::store::Item;
use wxbot_sdk::store::record::encode;
use wxbot_sdk::tasks::unpanicked;

use super::lease::Lease;
use super::leased_item::LeasedItem;
use super::log_name::log_name;
use super::lookout::is_missed;
use super::next::Next;
use crate::chain::may_block;
use crate::instance::Instance;
use crate::journal::{JobOutcome, Journal, JournalEvent};
use crate::shutdown::Shutdown;

/// How often a lease is renewed and the progress of its job is checked.
const RENEWED_EVERY: Duration = Duration::from_secs(10);
/// How long a schedule waits when too many run at once.
const POSTPONED: Duration = Duration::from_secs(5);

/// A job that this instance of the bot has leased.
pub(super) struct Run {
    pub(super) instance: Arc<Instance>,
    pub(super) item: Arc<LeasedItem>,
    /// Since when somebody looks for what is due.
    pub(super) since: u64,
    pub(super) journal: Arc<Journal>,
    pub(super) shutdown: Arc<Shutdown>,
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

impl Run {
    /// From whether it is to be done at all to what becomes of it.
    pub(super) async fn finish(self) {
        let record = match self.item.record() {
            Ok(record) => record,
            Err(error) => return self.bury_unreadable(&error.to_string()).await,
        };
        let Some(now) = self.item.now().await else { return };
        if !self.is_known(&record) {
            return self.item.settle(Next::unknown(record, now)).await;
        }
        if is_missed(&record, self.since) {
            let (link, job) = (self.instance.id(), self.log_name());
            tracing::info!(link, job, "left out what was missed");
            self.count(JobOutcome::Skipped);
            return self.item.settle(Next::by_schedule(record, now)).await;
        }
        self.attempt(JobRecord { attempts: record.attempts + 1, ..record }).await;
    }

    /// Leaves it for a little later, untouched.
    pub(super) async fn postpone(self) {
        let Some(now) = self.item.now().await else { return };
        match self.item.record() {
            Ok(record) => self.item.settle(Next::Due(record, now + millis(POSTPONED))).await,
            Err(error) => self.bury_unreadable(&error.to_string()).await,
        }
    }

    /// Notes the attempt before it is made: one that takes the process down with it counts.
    async fn attempt(&self, record: JobRecord) {
        if record.attempts > MAX_ATTEMPTS {
            return self.give_up(record, "it never came to an end").await;
        }
        let watch = (&self.journal, &self.shutdown);
        let lease = Arc::new(Lease::new(&self.item, record, &self.instance, watch));
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
                // A failing store gives it to nobody else.
                Err(_) if matches!(lease.write().await, Ok(false)) => return Outcome::Lost,
                Err(_) => {}
            }
        }
    }

    async fn conclude(&self, lease: &Lease, outcome: Outcome) {
        let record = lease.record();
        match outcome {
            Outcome::Done => {
                self.count(JobOutcome::Done);
                if let Some(now) = self.item.now().await {
                    self.item.settle(Next::after_success(record, lease.again(), now)).await;
                }
            }
            Outcome::Stopped => self.item.settle(Next::after_shutdown(record)).await,
            Outcome::Lost => {
                let (link, job) = (self.instance.id(), self.log_name());
                tracing::warn!(link, job, "another instance took it over");
            }
            Outcome::Failed(why) if record.attempts >= MAX_ATTEMPTS => {
                self.give_up(record, &why).await;
            }
            Outcome::Failed(why) => self.retry_later(record, why).await,
        }
    }

    async fn retry_later(&self, record: JobRecord, why: String) {
        let (link, job, attempt) = (self.instance.id(), self.log_name(), record.attempts);
        tracing::warn!(link, job, attempt, why = %ShortOpenids(&why), "a job failed");
        self.count(JobOutcome::Retried);
        if let Some(now) = self.item.now().await {
            self.item.settle(Next::after_failure(record, why, now)).await;
        }
    }

    /// A dead letter, and one line. A schedule goes on.
    async fn give_up(&self, record: JobRecord, why: &str) {
        let (link, job) = (self.instance.id(), self.log_name());
        let attempts = record.attempts.min(MAX_ATTEMPTS);
        tracing::error!(link, job, attempts, why = %ShortOpenids(why), "a job was given up");
        self.count(JobOutcome::GivenUp);
        let Some(now) = self.item.now().await else { return };
        let id = id_of_dead(self.item.id(), record.due);
        let record = JobRecord { last_error: Some(why.to_owned()), ..record };
        self.item.list_as_dead(id, encode(&record), now).await;
        self.item.settle(Next::by_schedule(record, now)).await;
    }

    async fn bury_unreadable(&self, error: &str) {
        let (link, job) = (self.instance.id(), self.log_name());
        tracing::error!(link, job, error, "a job can't be read");
        let Some(now) = self.item.now().await else { return };
        let Item { id, value, .. } = self.item.queued.item.clone();
        self.item.list_as_dead(id, value, now).await;
        self.item.settle(Next::Removed).await;
    }

    fn is_known(&self, record: &JobRecord) -> bool {
        let is_scheduled = record.kind != JobKind::Once;
        !is_scheduled || self.instance.schedules.iter().any(|one| one.name == self.name())
    }

    fn name(&self) -> &str {
        name_of(self.item.id())
    }

    fn log_name(&self) -> String {
        log_name(self.item.id())
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

/// Aborts the task when dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
