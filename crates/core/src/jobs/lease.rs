//! The right to do one job: who has it does it alone, while it is renewed.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use wxbot_sdk::job::{JobLease, JobRecord};
use wxbot_sdk::store::StoreError;

use super::leased_item::{LEASE, LeasedItem, SOON};
use crate::instance::Instance;
use crate::journal::{Journal, JournalEvent};
use crate::late::messenger;
use crate::shutdown::Shutdown;

/// A step has at least so long, whatever the entry's `timeout` is: WeChat may take a message that
/// late, and then it must be noted.
const SHORTEST_STEP: Duration = messenger::PATIENCE.saturating_add(Duration::from_secs(5));

/// The lease of one job.
pub(super) struct Lease {
    item: Arc<LeasedItem>,
    instance: Arc<Instance>,
    journal: Arc<Journal>,
    shutdown: Arc<Shutdown>,
    /// Told when something was to be sent although the bot is stopping.
    refused: Notify,
    state: Mutex<State>,
}

struct State {
    record: JobRecord,
    /// How long after this time it comes again, and with what.
    again: Option<(Duration, serde_json::Value)>,
    /// When the job last got further.
    progress: Instant,
    /// When the lease was last renewed.
    renewed: Instant,
}

impl Lease {
    pub(super) fn new(
        item: &Arc<LeasedItem>,
        record: JobRecord,
        instance: &Arc<Instance>,
        (journal, shutdown): (&Arc<Journal>, &Arc<Shutdown>),
    ) -> Self {
        let now = Instant::now();
        let state = State { record, again: None, progress: now, renewed: now };
        Self {
            item: Arc::clone(item),
            instance: Arc::clone(instance),
            journal: Arc::clone(journal),
            shutdown: Arc::clone(shutdown),
            refused: Notify::new(),
            state: Mutex::new(state),
        }
    }

    /// The job as it is now.
    pub(super) fn record(&self) -> JobRecord {
        self.state().record.clone()
    }

    /// How long after this time it comes again, and with what.
    pub(super) fn again(&self) -> Option<(Duration, serde_json::Value)> {
        self.state().again.clone()
    }

    /// When it has to have got further.
    pub(super) fn deadline(&self) -> Instant {
        self.state().progress + self.limit()
    }

    /// How long a step may take.
    pub(super) fn limit(&self) -> Duration {
        self.instance.timeout.max(SHORTEST_STEP)
    }

    /// Makes it last, with the job as it is now. `false` if somebody else has it.
    pub(super) async fn write(&self) -> Result<bool, StoreError> {
        let began = Instant::now();
        let renewed = self.item.renew(&self.record()).await?;
        if renewed {
            self.state().renewed = began;
        }
        Ok(renewed)
    }

    /// The same, and again while the store fails and nobody else can have it.
    pub(super) async fn write_in_time(&self) -> Result<bool, StoreError> {
        loop {
            match self.write().await {
                Err(error) if self.has_ended() => return Err(error),
                Err(_) => sleep(SOON).await,
                renewed => return renewed,
            }
        }
    }

    /// Waits until something was to be sent although the bot is stopping.
    pub(super) async fn refused(&self) {
        self.refused.notified().await;
    }

    fn has_ended(&self) -> bool {
        Instant::now() + SOON >= self.state().renewed + LEASE
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while holding this lock")
    }
}

#[async_trait]
impl JobLease for Lease {
    async fn renew(&self, checkpoint: Option<serde_json::Value>) -> Result<bool, StoreError> {
        if checkpoint.is_some() {
            let mut state = self.state();
            state.record.checkpoint = checkpoint;
            state.progress = Instant::now();
        }
        self.write_in_time().await
    }

    async fn renew_to_send(&self) -> Result<bool, StoreError> {
        let renewed = self.write_in_time().await;
        if self.shutdown.has_begun() {
            self.refused.notify_one();
            return pending().await;
        }
        renewed
    }

    fn repeat(&self, delay: Duration, payload: serde_json::Value) {
        self.state().again = Some((delay, payload));
    }

    fn count(&self, event: &'static str) {
        let (place, link) = (self.instance.place, self.instance.id());
        self.journal.record(JournalEvent::Counted { place, link, event });
    }
}
