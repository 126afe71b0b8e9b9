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
    Box<dyn FnOnce(Result<&ReadTransaction, &str>) -> Result<(), Failure> + Send>;

impl Worker<Read> {
    /// Has the thread read what was written last.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.call(|slot| {
            Box::new(move |snapshot: Result<&ReadTransaction, &str>| match snapshot {
                Ok(snapshot) => answer(&slot, caught(|| work(snapshot))),
                Err(why) => answer(&slot, Err(StoreError::Unreachable(why.into()).into())),
            }) as _
        })
        .await
    }
}

fn answer<T>(slot: &Slot<T>, done: Result<T, Failure>) -> Result<(), Failure> {
    match done {
        Err(failure @ Failure::Database(_)) => {
            slot.answer(Err(StoreError::Unreachable(failure.to_string().into())));
            return Err(failure);
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
                Next::Jobs(jobs) => self.batch(jobs),
                Next::Idle if self.condition.is_degraded(Part::Reads) => self.batch(vec![]),
                Next::Idle => {}
                Next::End => return,
            }
        }
    }

    fn batch(&self, batch: Vec<Read>) {
        let mut batch = batch.into_iter();
        let read = self.database.read(|snapshot| {
            let failed = batch.by_ref().filter_map(|read| read(Ok(snapshot)).err());
            failed.collect::<Vec<_>>().into_iter().next().map_or(Ok(()), Err)
        });
        match read {
            Ok(()) => self.condition.good(Part::Reads),
            Err(failure) => {
                let why = failure.to_string();
                self.condition.degraded(Part::Reads, &why);
                batch.for_each(|read| drop(read(Err(&why))));
            }
        }
    }
}
