//! The thread that writes: whatever waits becomes one transaction, and everybody in it is answered
//! when it is on the disk.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::StoreError;

use super::database::Holder;
use super::failure::Failure;
use super::tables::{Tables, has_expired};
use crate::condition::{Condition, Part};

/// Jobs in one transaction.
const BATCH: usize = 512;
/// Jobs that wait; the next ones wait for room.
const WAITING: usize = 4 * BATCH;
/// Values forgotten in passing, with each transaction.
const SWEPT_IN_PASSING: usize = 256;
/// Values forgotten at once when there is nothing else to do, and how often.
const SWEPT_IDLE: usize = 4096;
const IDLE: Duration = Duration::from_secs(1);

/// Takes jobs for the thread; ends it when dropped, after the last job is on the disk.
pub(super) struct Writer {
    jobs: Option<Sender<Queued>>,
    room: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

struct Queued {
    job: Box<dyn Job>,
    /// Unix milliseconds.
    now: u64,
    _room: OwnedSemaphorePermit,
}

/// One caller's part of a transaction.
trait Job: Send {
    /// Does it. An error gives the whole transaction up.
    fn work(&mut self, tables: &mut Tables<'_>) -> Result<(), Failure>;
    /// Tells the caller, once the transaction is on the disk, or why it is not.
    fn answer(self: Box<Self>, written: Result<(), String>);
}

struct Task<T, W> {
    work: Option<W>,
    done: Option<Result<T, StoreError>>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&mut Tables<'_>) -> Result<T, Failure> + Send,
{
    fn work(&mut self, tables: &mut Tables<'_>) -> Result<(), Failure> {
        let Some(work) = self.work.take() else { return Ok(()) };
        self.done = Some(match work(tables) {
            Ok(done) => Ok(done),
            Err(Failure::Refused(error)) => Err(error),
            Err(trouble) => return Err(trouble),
        });
        Ok(())
    }

    fn answer(self: Box<Self>, written: Result<(), String>) {
        let done = match written {
            Ok(()) => self.done.unwrap_or_else(|| Err(gone())),
            Err(why) => Err(StoreError::Unreachable(why.into())),
        };
        // A caller that no longer waits knows that it may or may not have happened.
        let _ = self.caller.send(done);
    }
}

impl Writer {
    pub(super) fn start(
        database: Arc<Holder>,
        condition: Arc<Condition>,
        clock: Clock,
    ) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel();
        let desk = Desk { waiting, database, condition, clock };
        let thread = std::thread::Builder::new().name("wxbot-store".into());
        let thread = Some(thread.spawn(move || desk.run())?);
        Ok(Self { jobs: Some(jobs), room: Arc::new(Semaphore::new(WAITING)), thread })
    }

    /// Has the thread do this at `now`; returns when it is on the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        now: u64,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| gone())?;
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Task { work: Some(work), done: None, caller });
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Queued { job, now, _room: room }).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unreachable("the thread that writes has ended".into())
}

/// The thread's side.
struct Desk {
    waiting: Receiver<Queued>,
    database: Arc<Holder>,
    condition: Arc<Condition>,
    clock: Clock,
}

impl Desk {
    fn run(self) {
        loop {
            match self.waiting.recv_timeout(IDLE) {
                Ok(first) => self.batch(first),
                Err(RecvTimeoutError::Timeout) => self.sweep(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn batch(&self, first: Queued) {
        let mut batch: Vec<_> =
            std::iter::once(first).chain(self.waiting.try_iter().take(BATCH - 1)).collect();
        let now = batch.iter().map(|queued| queued.now).max().unwrap_or_default();
        let written = self.write(|tables| {
            batch.iter_mut().try_for_each(|queued| queued.job.work(tables))?;
            tables.sweep(now, SWEPT_IN_PASSING).map(drop)
        });
        for queued in batch {
            queued.job.answer(written.clone());
        }
    }

    /// Forgets what is over, when nobody asks for anything.
    fn sweep(&self) {
        let now = self.clock.millis();
        let some = self.database.read(|snapshot| has_expired(snapshot, now));
        if !matches!(some, Ok(false)) {
            let _ = self.write(|tables| tables.sweep(now, SWEPT_IDLE).map(drop));
        }
    }

    /// One transaction. Its failure is told as text: many callers hear of it.
    fn write(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<(), Failure>,
    ) -> Result<(), String> {
        let written = self.database.ensure_open().and_then(|()| self.database.write(work));
        let written = written.map_err(|failure| self.failed(failure));
        if written.is_ok() {
            self.condition.good(Part::Writes);
        }
        written
    }

    fn failed(&self, failure: Failure) -> String {
        let why = StoreError::from(failure);
        let why = std::error::Error::source(&why)
            .map_or_else(|| why.to_string(), |source| source.to_string());
        self.condition.degraded(Part::Writes, &why);
        if let Err(failure) = self.database.reopen() {
            tracing::debug!(error = ?failure, "the file could not be reopened");
        }
        why
    }
}
