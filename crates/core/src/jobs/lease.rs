//! The right to do one job: who has it does it alone, while it is renewed.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use wxbot_sdk::job::{JobLease, JobRecord};
use wxbot_sdk::store::record::encode;
use wxbot_sdk::store::{FencingToken, Store};

use crate::journal::{Journal, JournalEvent};
use crate::lifecycle::instance::Instance;

/// A lease ends so long after it was last renewed.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// The lease of one job.
pub(super) struct Lease {
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: String,
    pub(super) id: String,
    pub(super) token: FencingToken,
    instance: Arc<Instance>,
    journal: Arc<Journal>,
    state: Mutex<State>,
}

struct State {
    record: JobRecord,
    /// When the job last got further.
    progress: Instant,
}

impl Lease {
    pub(super) fn new(
        (store, queue): (Arc<dyn Store>, &str),
        (id, token): (&str, FencingToken),
        record: JobRecord,
        instance: &Arc<Instance>,
        journal: &Arc<Journal>,
    ) -> Self {
        let state = State { record, progress: Instant::now() };
        Self {
            store,
            queue: queue.to_owned(),
            id: id.to_owned(),
            token,
            instance: Arc::clone(instance),
            journal: Arc::clone(journal),
            state: Mutex::new(state),
        }
    }

    /// The job as it is now.
    pub(super) fn record(&self) -> JobRecord {
        self.state().record.clone()
    }

    /// When it has to have got further.
    pub(super) fn deadline(&self) -> Instant {
        self.state().progress + self.instance.timeout
    }

    /// Makes it last, with the job as it is now. `false` if somebody else has it; a store in trouble
    /// gives it to nobody.
    pub(super) async fn write(&self) -> bool {
        let value = Some(encode(&self.state().record));
        let renewed = self.store.renew(&self.queue, &self.id, self.token, LEASE, value).await;
        renewed.unwrap_or(false)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while holding this lock")
    }
}

#[async_trait]
impl JobLease for Lease {
    async fn renew(&self, checkpoint: Option<serde_json::Value>) -> bool {
        if checkpoint.is_some() {
            let mut state = self.state();
            state.record.checkpoint = checkpoint;
            state.progress = Instant::now();
        }
        self.write().await
    }

    fn count(&self, event: &'static str) {
        let (place, link) = (self.instance.place, self.instance.id());
        self.journal.record(JournalEvent::Counted { place, link, event });
    }
}
