//! Writes: whatever waits becomes one transaction, and everybody in it is answered when it is on
//! the disk.

use std::sync::Arc;

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::StoreError;

use super::database::Holder;
use super::failure::Failure;
use super::tables::{Tables, has_expired};
use super::worker::{Next, Slot, WorkQueue, Worker};
use crate::condition::{Condition, Part};

/// Values forgotten in passing, with each transaction.
const SWEPT_IN_PASSING: usize = 256;
/// Values forgotten at once when there is nothing else to do.
const SWEPT_IDLE: usize = 4096;

/// One caller's part of a transaction.
pub(super) trait Job: Send {
    /// Does it. An error gives the whole transaction up.
    fn work(&mut self, tables: &mut Tables<'_>) -> Result<(), Failure>;
    /// Tells the caller, once the transaction is on the disk, or why it is not.
    fn answer(self: Box<Self>, written: Result<(), &Failure>);
}

/// A job, and its time in Unix milliseconds.
pub(super) type Write = (Box<dyn Job>, u64);

struct Task<T, W> {
    work: Option<W>,
    done: Option<Result<T, StoreError>>,
    slot: Arc<Slot<T>>,
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

    fn answer(self: Box<Self>, written: Result<(), &Failure>) {
        match (written, self.done) {
            (Ok(()), Some(done)) => self.slot.answer(done),
            (Ok(()), None) => {}
            (Err(failure), _) => self.slot.answer(Err(failure.told())),
        }
    }
}

impl Worker<Write> {
    /// Has the thread do this at `now`; returns when it is on the disk.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        now: u64,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(|slot| (Box::new(Task { work: Some(work), done: None, slot }) as _, now)).await
    }
}

/// The thread's side.
pub(super) struct Writer {
    pub(super) database: Arc<Holder>,
    pub(super) condition: Arc<Condition>,
    pub(super) clock: Clock,
}

impl Writer {
    pub(super) fn run(self, queue: &WorkQueue<Write>) {
        loop {
            match queue.next() {
                Next::Jobs(jobs) => self.batch(jobs, queue),
                Next::Idle => self.idle(queue),
                Next::End => return,
            }
        }
    }

    fn batch(&self, mut batch: Vec<Write>, queue: &WorkQueue<Write>) {
        let now = batch.iter().map(|(_, now)| *now).max().unwrap_or_default();
        let written = self.write(queue, |tables| {
            batch.iter_mut().try_for_each(|(job, _)| job.work(tables))?;
            tables.sweep(now, SWEPT_IN_PASSING).map(drop)
        });
        for (job, _) in batch {
            job.answer(written.as_ref().copied());
        }
    }

    /// Forgets what is over, and sees whether a trouble is. Where a disk is full, forgetting goes well
    /// all the same and makes room; whether it is enough, the probe alone shows.
    fn idle(&self, queue: &WorkQueue<Write>) {
        let now = self.clock.millis();
        if self.condition.is_degraded(Part::Writes) {
            let _ = self.database.write(|tables| tables.sweep(now, SWEPT_IDLE).map(drop));
            let _ = self.write(queue, |tables| tables.probe(now));
            return;
        }
        let some = self.database.read(|snapshot| has_expired(snapshot, now));
        if !matches!(some, Ok(false)) {
            let _ = self.write(queue, |tables| tables.sweep(now, SWEPT_IDLE).map(drop));
        }
    }

    /// One transaction.
    fn write(
        &self,
        queue: &WorkQueue<Write>,
        work: impl FnOnce(&mut Tables<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let written = self.database.write(work);
        queue.disk_answered();
        match &written {
            Ok(()) => self.condition.good(Part::Writes),
            Err(failure) if failure.is_damage() => {}
            Err(failure) => self.condition.degraded(Part::Writes, &failure.to_string()),
        }
        written
    }
}
