//! Reads: whatever waits sees one snapshot.

use std::sync::Arc;

use redb::ReadTransaction;
use wxbot_sdk::store::StoreError;

use super::database::{Holder, caught};
use super::failure::Failure;
use super::worker::{Next, Slot, WorkQueue, Worker};
use crate::condition::{Condition, Part};

/// Answers its caller, from a snapshot or why there is none; returns a trouble of the database.
pub(super) type Read =
    Box<dyn FnOnce(Result<&ReadTransaction, &Failure>) -> Result<(), Failure> + Send>;

impl Worker<Read> {
    /// Has the thread read what was written last.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(|slot| {
            Box::new(move |snapshot: Result<&ReadTransaction, &Failure>| {
                let done = match snapshot.map_err(Failure::told) {
                    Ok(snapshot) => caught(|| work(snapshot)),
                    Err(error) => Err(error.into()),
                };
                answer(&slot, done)
            }) as _
        })
        .await
    }
}

fn answer<T>(slot: &Slot<T>, done: Result<T, Failure>) -> Result<(), Failure> {
    match done {
        Err(trouble) if trouble.is_of_database() => {
            slot.answer(Err(trouble.told()));
            return Err(trouble);
        }
        done => slot.answer(done.map_err(StoreError::from)),
    }
    Ok(())
}

/// The thread's side.
pub(super) struct Reader {
    pub(super) database: Arc<Holder>,
    pub(super) condition: Arc<Condition>,
}

impl Reader {
    pub(super) fn run(self, queue: &WorkQueue<Read>) {
        loop {
            match queue.next() {
                Next::Jobs(jobs) => self.batch(jobs, queue),
                Next::Idle if self.condition.is_degraded(Part::Reads) => {
                    self.batch(vec![], queue);
                }
                Next::Idle => {}
                Next::End => return,
            }
        }
    }

    fn batch(&self, batch: Vec<Read>, queue: &WorkQueue<Read>) {
        let mut batch = batch.into_iter();
        let read = self.database.read(|snapshot| {
            let failed = batch.by_ref().filter_map(|read| read(Ok(snapshot)).err());
            failed.collect::<Vec<_>>().into_iter().next().map_or(Ok(()), Err)
        });
        queue.disk_answered();
        match read {
            Ok(()) => self.condition.good(Part::Reads),
            Err(failure) => {
                if !failure.is_damage() {
                    self.condition.degraded(Part::Reads, &failure.to_string());
                }
                batch.for_each(|read| drop(read(Err(&failure))));
            }
        }
    }
}
