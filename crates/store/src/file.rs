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
mod salvage;
mod snapshot;
mod tables;
#[cfg(test)]
mod tests;
mod threads;
mod untouched;
mod worker;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redb::ReadTransaction;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{
    Cursor, FencingToken, Health, Item, QueuedItem, Reach, Store, StoreError, Swap, SwapRequest,
    Values, Watch, Watchers,
};

use crate::condition::{Condition, Part};
use crate::contents::{Contents, Page};
use crate::limits::{self, Limits};
use crate::open_error::OpenError;
use backend::Checksums;
use database::{Holder, Open};
use failure::Failure;
pub use salvage::Salvage;
pub(crate) use snapshot::Snapshot;
use tables::Tables;
use threads::Threads;

/// No caller waits longer for the disk, and neither does who drops the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// Values and queues in one file. What was answered with `Ok` is on the disk: many writes at once
/// share a transaction. Dropping it waits for the last one, unless the disk hangs.
pub struct File {
    threads: Threads,
    condition: Arc<Condition>,
    watchers: Watchers,
    clock: Clock,
    limits: Limits,
    /// What keys and queues begin with.
    prefix: String,
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

    /// A part of the file: keys and queues begin with this.
    pub fn with_prefix(self, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..self }
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
        let database = Holder::new(open).map_err(|failure| damage::refused(failure, directory))?;
        let threads = Threads::start(database, &condition, clock, patience);
        let threads = threads.map_err(OpenError::Thread)?;
        let watchers = Watchers::default();
        let (limits, prefix) = (limits.clone(), String::new());
        Ok(Self { threads, condition, watchers, clock, limits, prefix })
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

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn until(&self, ttl: Duration) -> u64 {
        self.clock.millis().saturating_add(limits::ttl_millis(ttl))
    }
}

#[async_trait]
impl Store for File {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (key, now) = (self.named(key), self.clock.millis());
        let get = move |snapshot: &ReadTransaction| {
            tables::get(&snapshot.open_table(tables::VALUES)?, key.as_bytes(), now)
        };
        self.read(get).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        let (key, until, most) = (self.named(key), self.until(ttl), self.limits.file_values);
        self.write(move |tables| tables.put(key.as_bytes(), &value, until, most)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let key = self.named(key);
        self.write(move |tables| tables.delete(key.as_bytes())).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let expected = expected.map(<[u8]>::to_vec);
        let swap = SwapRequest { key: key.to_owned(), expected, new, ttl };
        let mut done = self.swap_all(vec![swap]).await?;
        Ok(done.pop().expect("one was asked for"))
    }

    async fn swap_all(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        let (now, most) = (self.clock.millis(), self.limits.file_values);
        let keys: Vec<_> = swaps.iter().map(|swap| swap.key.clone()).collect();
        let named = |swap: SwapRequest| {
            (self.until(swap.ttl), SwapRequest { key: self.named(&swap.key), ..swap })
        };
        let swaps: Vec<_> = swaps.into_iter().map(named).collect();
        let done = self.write(move |tables| tables.swap_all(&swaps, now, most)).await?;
        for (key, swap) in keys.iter().zip(&done) {
            if *swap == Swap::Done {
                self.watchers.notify(key);
            }
        }
        Ok(done)
    }

    async fn values(&self, prefix: &str, from: Option<Vec<u8>>) -> Result<Values, StoreError> {
        let (prefix, now) = (self.named(prefix), self.clock.millis());
        let values = move |snapshot: &ReadTransaction| {
            pages::values_of(snapshot, prefix.as_bytes(), from.as_deref(), now)
        };
        let mut values = self.read(values).await?;
        for stored in &mut values.page {
            stored.key.drain(..self.prefix.len());
        }
        Ok(values)
    }

    async fn watch(&self, key: &str) -> Watch {
        self.watchers.watch(key)
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        let (queue, most) = (self.named(queue), self.limits.queue_items);
        self.write(move |tables| tables.push(&queue, &queues::written(item.clone()), most)).await
    }

    async fn push_new(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        let (queue, most) = (self.named(queue), self.limits.queue_items);
        self.write(move |tables| tables.push_new(&queue, &queues::written(item.clone()), most))
            .await
    }

    async fn push_leased(
        &self,
        queue: &str,
        id: &str,
        value: Vec<u8>,
        lease: Duration,
    ) -> Result<FencingToken, StoreError> {
        let (queue, most) = (self.named(queue), self.limits.queue_items);
        let item = Item { id: id.to_owned(), value, due: self.until(lease) };
        let leased = QueuedItem { is_leased: true, ..queues::written(item) };
        let token = leased.token;
        self.write(move |tables| tables.push(&queue, &leased, most)).await?;
        Ok(token)
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        let (queue, id) = (self.named(queue), id.to_owned());
        self.read(move |snapshot| queues::get_item(snapshot, &queue, &id)).await
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let (queue, after) = (self.named(queue), after.cloned());
        self.read(move |snapshot| queues::list_after(snapshot, &queue, after.as_ref(), most)).await
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        let queue = self.named(queue);
        self.read(move |snapshot| queues::count(snapshot, &queue)).await
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let (queue, now, until) = (self.named(queue), self.clock.millis(), self.until(lease));
        self.write(move |tables| tables.lease_due(&queue, now, until, most)).await
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let (queue, id, until) = (self.named(queue), id.to_owned(), self.until(lease));
        self.write(move |tables| tables.renew(&queue, &id, token, until, value)).await
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        let queue = self.named(queue);
        self.write(move |tables| tables.update_if(&queue, &item, token)).await
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        let (queue, id) = (self.named(queue), id.to_owned());
        self.write(move |tables| tables.remove_if(&queue, &id, token)).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        let (queue, id) = (self.named(queue), id.to_owned());
        self.write(move |tables| tables.remove(&queue, &id)).await
    }

    async fn now(&self) -> Result<u64, StoreError> {
        Ok(self.clock.millis())
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
        let page =
            self.read(move |snapshot| pages::page(snapshot, from.as_deref(), now, &Err)).await?;
        Ok(page.within(&self.prefix))
    }
}
