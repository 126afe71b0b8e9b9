//! `file:DIR`: kept on this machine, through kill -9 and a full disk.

mod database;
mod entry;
mod failure;
mod pages;
mod queues;
mod reader;
mod tables;
#[cfg(test)]
mod tests;
mod threads;
mod worker;
mod writer;

use std::fs::DirBuilder;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redb::{Database, ReadTransaction};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Health, Item, Reach, Store, StoreError, Swap};

use crate::condition::Condition;
use crate::contents::{Contents, Page};
use crate::limits::{self, Limits};
use crate::open::OpenError;
use database::{Holder, Open};
use failure::Failure;
use tables::Tables;
use threads::Threads;

/// Bytes that redb may keep in memory.
const CACHE: usize = 16 << 20;
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
    /// Opens `DIR/wxbot.redb`, and makes both if they are missing. Times to live go by `clock`.
    pub fn open(directory: &Path, limits: &Limits, clock: Clock) -> Result<Self, OpenError> {
        let dir = directory.display().to_string();
        make(directory).map_err(|cause| OpenError::Folder { dir: dir.clone(), cause })?;
        let file = directory.join("wxbot.redb");
        let open = move || Database::builder().set_cache_size(CACHE).create(&file);
        Self::with(Box::new(open), dir, limits, clock, PATIENCE)
    }

    fn with(
        open: Open,
        dir: String,
        limits: &Limits,
        clock: Clock,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        let condition = Arc::new(Condition::new(format!("file:{dir}"), clock));
        let database = Holder::new(open).map_err(|failure| refused(failure, dir))?;
        let threads = Threads::start(database, &condition, clock, patience);
        let threads = threads.map_err(OpenError::Thread)?;
        Ok(Self { threads, condition, clock, limits: limits.clone() })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.threads.reader.read(work).await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.threads.writer.write(self.clock.millis(), work).await
    }

    fn until(&self, ttl: Duration) -> u64 {
        self.clock.millis().saturating_add(limits::ttl_millis(ttl))
    }
}

/// Only the bot's own user may read what followers said.
fn make(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn refused(failure: Failure, dir: String) -> OpenError {
    match failure {
        Failure::Database(redb::Error::DatabaseAlreadyOpen) => OpenError::InUse { dir },
        Failure::Database(cause) => OpenError::File { dir, cause: cause.to_string() },
        Failure::Refused(cause) => OpenError::File { dir, cause: cause.to_string() },
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
