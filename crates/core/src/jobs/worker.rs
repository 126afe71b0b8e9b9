//! Finds what is due, and has it done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use wxbot_sdk::job::{JobSignal, is_schedule};
use wxbot_sdk::store::keys::{dead_jobs, jobs};
use wxbot_sdk::store::{QueuedItem, Reach, Store, StoreError};

use super::leased_item::{LEASE, LeasedItem, SOON};
use super::lookout::Lookout;
use super::run::Run;
use super::schedules::Schedules;
use crate::engine::Engine;
use crate::instance::Instance;
use crate::journal::Journal;
use crate::shutdown::Shutdown;

/// Jobs an instance does at once; what else is due waits in the store.
const MAX_AT_ONCE: usize = 16;
/// Schedules among them, which may take long: what followers asked for needs room.
const MAX_SCHEDULES: usize = 12;
/// How often to look where another instance of the bot may have died, or added something.
const SHARED_CHECK: Duration = Duration::from_secs(5);
/// How often to look where nobody else adds anything, but a clock may be set.
const SELDOM: Duration = Duration::from_secs(60);
/// How long jobs in progress may take when the bot stops.
const FINISH_WITHIN: Duration = Duration::from_secs(3);
const BETWEEN_CHECKS: Duration = Duration::from_millis(20);

/// Runs the jobs of all instances of plugins.
pub(crate) struct JobWorker {
    queues: Vec<Arc<JobQueue>>,
    store: Arc<dyn Store>,
    journal: Arc<Journal>,
    signal: JobSignal,
    shutdown: Arc<Shutdown>,
}

/// The queue of one instance.
struct JobQueue {
    instance: Arc<Instance>,
    name: String,
    dead_letters: String,
    schedules: Schedules,
    lookout: Lookout,
    at_once: AtomicUsize,
    /// Schedules among them.
    schedules_at_once: AtomicUsize,
}

impl JobWorker {
    pub(crate) fn new(engine: &Engine, instances: Vec<Arc<Instance>>) -> Arc<Self> {
        let queues = instances.into_iter().map(|instance| {
            let (name, dead_letters) = (jobs(instance.id()), dead_jobs(instance.id()));
            Arc::new(JobQueue {
                instance,
                name,
                dead_letters,
                schedules: Schedules::default(),
                lookout: Lookout::default(),
                at_once: AtomicUsize::new(0),
                schedules_at_once: AtomicUsize::new(0),
            })
        });
        Arc::new(Self {
            queues: queues.collect(),
            store: Arc::clone(&engine.store),
            journal: Arc::clone(&engine.journal),
            signal: engine.job_signal.clone(),
            shutdown: Arc::default(),
        })
    }

    /// Runs forever.
    pub(crate) async fn run(self: Arc<Self>) {
        while !self.shutdown.has_begun() {
            let pause = self.look().await.unwrap_or(SOON);
            self.signal.sleep(pause).await;
        }
    }

    /// From now on nothing is begun, and no job that is being done sends anything more.
    pub(crate) fn begin_stop(&self) {
        self.shutdown.begin();
        self.signal.wake();
    }

    /// Waits for what is being done, but not forever: another instance takes over.
    pub(crate) async fn finish(&self) {
        self.begin_stop();
        let began = Instant::now();
        let is_busy = || self.queues.iter().any(|queue| queue.at_once.load(Ordering::SeqCst) > 0);
        while is_busy() && began.elapsed() < FINISH_WITHIN {
            sleep(BETWEEN_CHECKS).await;
        }
    }

    /// Begins what is due, and says when to look again. What the store is asked about each instance
    /// it is asked at once, and where it fails for one, the others go on.
    async fn look(&self) -> Result<Duration, StoreError> {
        let looked = join_all(self.queues.iter().map(|queue| self.look_at(queue))).await;
        let next = looked.into_iter().collect::<Result<Vec<_>, _>>()?;
        let Some(next) = next.into_iter().flatten().min() else { return Ok(self.longest_pause()) };
        let until_due = next.saturating_sub(self.store.now().await?);
        Ok(Duration::from_millis(until_due).min(self.longest_pause()))
    }

    async fn look_at(&self, queue: &Arc<JobQueue>) -> Result<Option<u64>, StoreError> {
        self.tend(queue).await?;
        self.next_due(queue).await
    }

    async fn tend(&self, queue: &Arc<JobQueue>) -> Result<(), StoreError> {
        queue.schedules.register(&*self.store, &queue.name, &queue.instance).await?;
        if !self.shutdown.has_begun() {
            self.begin_due(queue).await?;
        }
        self.forget_dead(&queue.dead_letters).await
    }

    async fn begin_due(&self, queue: &Arc<JobQueue>) -> Result<(), StoreError> {
        let now = self.store.now().await?;
        let due = match MAX_AT_ONCE.saturating_sub(queue.at_once.load(Ordering::SeqCst)) {
            0 => Vec::new(),
            room => self.store.lease_due(&queue.name, LEASE, room).await?,
        };
        let since = queue.lookout.look(now);
        due.into_iter().for_each(|queued| self.begin(queue, queued, since));
        Ok(())
    }

    /// As a task of the instance: it ends with that.
    fn begin(&self, queue: &Arc<JobQueue>, queued: QueuedItem, since: u64) {
        let busy = Busy::new(queue, &self.signal, is_schedule(&queued.item.id));
        let item = Arc::new(LeasedItem {
            queued,
            store: Arc::clone(&self.store),
            queue: queue.name.clone(),
            dead: queue.dead_letters.clone(),
        });
        let run = Run {
            instance: Arc::clone(&queue.instance),
            item,
            since,
            journal: Arc::clone(&self.journal),
            shutdown: Arc::clone(&self.shutdown),
        };
        queue.instance.context.spawn(async move {
            match busy.has_turn {
                true => run.finish().await,
                false => run.postpone().await,
            }
            drop(busy);
        });
    }

    /// `None` where nothing waits, or nothing more can be begun: then the end of a job wakes.
    async fn next_due(&self, queue: &JobQueue) -> Result<Option<u64>, StoreError> {
        if queue.at_once.load(Ordering::SeqCst) >= MAX_AT_ONCE {
            return Ok(None);
        }
        let next = self.store.list_after(&queue.name, None, 1).await?;
        Ok(next.first().map(|next| next.item.due))
    }

    async fn forget_dead(&self, dead: &str) -> Result<(), StoreError> {
        for QueuedItem { item, token, .. } in self.store.lease_due(dead, LEASE, MAX_AT_ONCE).await?
        {
            self.store.remove_if(dead, &item.id, token).await?;
        }
        Ok(())
    }

    fn longest_pause(&self) -> Duration {
        match self.store.reach() {
            Reach::Instances => SHARED_CHECK,
            Reach::Process | Reach::Machine => SELDOM,
        }
    }
}

/// One more job is being done, for as long as it lasts.
struct Busy {
    queue: Arc<JobQueue>,
    signal: JobSignal,
    is_schedule: bool,
    /// Whether there are few enough schedules.
    has_turn: bool,
}

impl Busy {
    fn new(queue: &Arc<JobQueue>, signal: &JobSignal, is_schedule: bool) -> Self {
        queue.at_once.fetch_add(1, Ordering::SeqCst);
        let before = queue.schedules_at_once.fetch_add(usize::from(is_schedule), Ordering::SeqCst);
        let has_turn = !is_schedule || before < MAX_SCHEDULES;
        Self { queue: Arc::clone(queue), signal: signal.clone(), is_schedule, has_turn }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.queue.at_once.fetch_sub(1, Ordering::SeqCst);
        self.queue.schedules_at_once.fetch_sub(usize::from(self.is_schedule), Ordering::SeqCst);
        self.signal.wake();
    }
}
