//! `file:DIR`: kept on this machine, through kill -9 and a full disk.

mod backend;
mod damage;
mod database;
mod disk;
mod entry;
mod failure;
mod pages;
mod queues;
mod reader;
mod snapshot;
mod tables;
#[cfg(test)]
mod tests;
mod threads;
mod untouched;
mod worker;
mod writer;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redb::ReadTransaction;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Health, Item, Reach, Store, StoreError, Swap};

use crate::condition::{Condition, Part};
use crate::contents::{Contents, Page};
use crate::limits::{self, Limits};
use crate::open::OpenError;
use backend::Checksums;
use database::{Holder, Open};
use failure::Failure;
pub(crate) use snapshot::Snapshot;
use tables::Tables;
use threads::Threads;

/// Entries on a page of [`Contents`].
const PAGE: usize = 1000;

/// No caller waits longer for the disk, and neither does who drops the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Values and queues in one file. What was answered with `Ok` is on the disk: many writes at once
/// share a transaction. Dropping it waits for the last one, unless the disk hangs.
pub struct File {
    threads: Threads,
    condition: Arc<Condition>,
    clock: Clock,
    limits: Limits,
}

impl File {
    /// Opens `DIR/wxbot.redb`, and makes both if they are missing. Reads all of it once, to see
    /// whether something altered it. Times to live go by `clock`.
    pub fn open(directory: &Path, limits: &Limits, clock: Clock) -> Result<Self, OpenError> {
        let file = disk::prepare(directory)?;
        let checksums = Checksums::default();
        let open = move |opening| disk::open(&file, opening, &checksums);
        Self::with(Box::new(open), directory, limits, clock, PATIENCE)
    }

    /// Whether there is a store in a folder.
    pub(crate) fn exists(directory: &Path) -> bool {
        directory.join(disk::NAME).exists()
    }

    fn with(
        open: Open,
        directory: &Path,
        limits: &Limits,
        clock: Clock,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        let condition = Condition::new(format!("file:{}", directory.display()), clock);
        let condition = Arc::new(condition);
        let database = Holder::new(open).map_err(|failure| refused(failure, directory))?;
        let threads = Threads::start(database, &condition, clock, patience);
        let threads = threads.map_err(OpenError::Thread)?;
        Ok(Self { threads, condition, clock, limits: limits.clone() })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.seen(self.threads.reader.read(work).await)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.seen(self.threads.writer.write(self.clock.millis(), work).await)
    }

    /// Damage is not over because the next entry has none.
    fn seen<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error @ StoreError::Damaged { .. }) = &done {
            self.condition.degraded(Part::Data, &error.to_string());
        }
        done
    }

    fn until(&self, ttl: Duration) -> u64 {
        self.clock.millis().saturating_add(limits::ttl_millis(ttl))
    }
}

fn refused(failure: Failure, directory: &Path) -> OpenError {
    let dir = directory.display().to_string();
    match failure {
        Failure::Database(redb::Error::DatabaseAlreadyOpen) => OpenError::InUse { dir },
        Failure::Database(redb::Error::Corrupted(why)) => {
            let what = damage::report(&directory.join(disk::NAME)).unwrap_or(why);
            OpenError::Damaged { dir, what }
        }
        Failure::Database(redb::Error::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            OpenError::Damaged { dir, what: "it is cut off".into() }
        }
        failure => OpenError::File { dir, cause: failure.to_string() },
    }
}

#[async_trait]
impl Store for File {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (key, now) = (key.to_owned(), self.clock.millis());
        let get = move |snapshot: &ReadTransaction| {
            tables::get(&snapshot.open_table(tables::VALUES)?, key.as_bytes(), now)
        };
        self.read(get).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        let (key, until, most) = (key.to_owned(), self.until(ttl), self.limits.file_values);
        self.write(move |tables| tables.put(key.as_bytes(), &value, until, most)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.write(move |tables| tables.delete(key.as_bytes())).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let (key, expected) = (key.to_owned(), expected.map(<[u8]>::to_vec));
        let (now, until, most) = (self.clock.millis(), self.until(ttl), self.limits.file_values);
        let swap = move |tables: &mut Tables<'_>| {
            let new = new.as_deref().map(|value| (value, until, most));
            tables.swap(key.as_bytes(), expected.as_deref(), new, now)
        };
        self.write(swap).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        let (queue, most) = (queue.to_owned(), self.limits.queue_items);
        self.write(move |tables| tables.push(&queue, &item, most)).await
    }

    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        let queue = queue.to_owned();
        self.write(move |tables| tables.update(&queue, &item)).await
    }

    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let queue = queue.to_owned();
        self.write(move |tables| tables.take_due(&queue, now, again, most)).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        self.write(move |tables| tables.remove(&queue, &id)).await
    }

    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        let queue = queue.to_owned();
        self.read(move |snapshot| queues::list_all(snapshot, &queue, most)).await
    }

    /// Writes nothing, but all the way to the disk.
    async fn ping(&self) -> Result<(), StoreError> {
        self.write(|_| Ok(())).await
    }

    fn reach(&self) -> Reach {
        Reach::Machine
    }

    fn health(&self) -> Health {
        self.condition.health()
    }
}

#[async_trait]
impl Contents for File {
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let now = self.clock.millis();
        self.read(move |snapshot| pages::page(snapshot, from.as_deref(), now, PAGE)).await
    }
}
