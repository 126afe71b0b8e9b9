//! `memory:`, gone with the process. For one instance, and for trying things out.

mod queues;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{
    Cursor, FencingToken, Item, QueuedItem, Reach, Store, StoreError, StoredValue, Swap, Values,
    Watch, Watchers,
};

use crate::contents::{Contents, Entry, Page};
use crate::limits::{self, Limits};
use queues::Queues;

/// What moka and the maps need for a value, beside its bytes.
const OVERHEAD: usize = 128;

/// Values in memory, each with its time to live, bounded in bytes; queues, bounded in items.
pub struct Memory {
    values: Cache<String, Value>,
    queues: Queues,
    watchers: Watchers,
    clock: Clock,
}

#[derive(Clone)]
struct Value {
    bytes: Vec<u8>,
    ttl: Duration,
    /// By tokio's clock, which tests pause and move; moka only knows the machine's.
    until: tokio::time::Instant,
}

impl Value {
    fn new(bytes: Vec<u8>, ttl: Duration) -> Self {
        let ttl = limits::ttl(ttl);
        Self { bytes, ttl, until: tokio::time::Instant::now() + ttl }
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(tokio::time::Instant::now())
    }

    fn is_over(&self) -> bool {
        self.left().is_zero()
    }
}

struct ByTtl;

impl Expiry<String, Value> for ByTtl {
    fn expire_after_create(&self, _: &String, value: &Value, _: Instant) -> Option<Duration> {
        Some(value.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &Value,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.ttl)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(&Limits::default(), Clock::steady())
    }
}

impl Memory {
    /// An empty store. Leases and due times go by `clock`.
    pub fn new(limits: &Limits, clock: Clock) -> Self {
        let weight = |key: &String, value: &Value| {
            u32::try_from(key.len() + value.bytes.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        // Not moka's usual policy: that one may refuse a new value in favour of old ones.
        let values = Cache::builder()
            .max_capacity(limits.memory_bytes)
            .eviction_policy(EvictionPolicy::lru())
            .weigher(weight)
            .expire_after(ByTtl);
        let (values, queues) = (values.build(), Queues::new(limits.queue_items));
        Self { values, queues, watchers: Watchers::default(), clock }
    }

    fn until(&self, lease: Duration) -> u64 {
        self.clock.millis().saturating_add(limits::ttl_millis(lease))
    }

    fn stored(&self) -> impl Iterator<Item = StoredValue> {
        let values = self.values.iter().filter(|(_, value)| !value.is_over());
        values.map(|(key, value)| {
            let ttl = value.left();
            StoredValue { key: key.to_string(), value: value.bytes, ttl }
        })
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.values.get(key).filter(|value| !value.is_over()).map(|value| value.bytes))
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        self.values.insert(key.to_owned(), Value::new(bytes, ttl));
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.values.invalidate(key);
        Ok(())
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let mut swap = Swap::Done;
        self.values.entry_by_ref(key).and_compute_with(|entry| {
            let found = entry.map(|entry| entry.into_value()).filter(|value| !value.is_over());
            let found = found.map(|value| value.bytes);
            match new {
                _ if found.as_deref() != expected => {
                    swap = Swap::Found(found);
                    Op::Nop
                }
                Some(bytes) => Op::Put(Value::new(bytes, ttl)),
                None => Op::Remove,
            }
        });
        if swap == Swap::Done {
            self.watchers.notify(key);
        }
        Ok(swap)
    }

    async fn values(&self, prefix: &str, _: Option<Vec<u8>>) -> Result<Values, StoreError> {
        let values = self.stored().filter(|stored| stored.key.starts_with(prefix));
        Ok(Values { page: values.collect(), next: None })
    }

    async fn watch(&self, key: &str) -> Watch {
        self.watchers.watch(key)
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.queues.push(queue, item, false).map(drop)
    }

    async fn push_new(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        self.queues.push_new(queue, item)
    }

    async fn push_leased(
        &self,
        queue: &str,
        id: &str,
        value: Vec<u8>,
        lease: Duration,
    ) -> Result<FencingToken, StoreError> {
        let item = Item { id: id.to_owned(), value, due: self.until(lease) };
        self.queues.push(queue, item, true)
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.get(id)))
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.list_after(after, most)))
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.count()))
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        let (now, until) = (self.clock.millis(), self.until(lease));
        Ok(self.queues.with(queue, |queue| queue.lease_due(now, until, most)))
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let until = self.until(lease);
        Ok(self.queues.with(queue, |queue| queue.renew(id, token, until, value)))
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.update_if(item, token)))
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.remove_if(id, token)))
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.remove(id)))
    }

    async fn now(&self) -> Result<u64, StoreError> {
        Ok(self.clock.millis())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

#[async_trait]
impl Contents for Memory {
    async fn page(&self, _: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let entries = self.stored().map(Entry::from).chain(self.queues.entries()).collect();
        Ok(Page { entries, next: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_store_forgets_what_was_used_longest_ago_and_takes_what_is_new() {
        let store =
            Memory::new(&Limits { memory_bytes: 10_000, ..Limits::default() }, Clock::steady());
        for n in 0..1000 {
            store.put(&format!("key {n}"), vec![0; 100], Duration::from_secs(60)).await.unwrap();
        }
        store.values.run_pending_tasks();
        assert!(store.values.weighted_size() <= 10_000);
        assert_eq!(store.get("key 0").await.unwrap(), None);
        assert_eq!(store.get("key 999").await.unwrap(), Some(vec![0; 100]));
    }
}
