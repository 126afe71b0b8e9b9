//! `memory:`, gone with the process. For one instance, and for trying things out.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::ops::compute::Op;
use moka::sync::Cache;
use wxbot_core::store::{Item, Reach, Store, StoreError, Swap};

use crate::queue::Queues;

/// Bytes of keys and values; beyond them what was used least is forgotten first.
const MOST_BYTES: u64 = 64 << 20;

/// Values in memory, each with its time to live, bounded in bytes.
pub struct Memory {
    values: Cache<String, Value>,
    queues: Queues,
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
        Self { bytes, ttl, until: tokio::time::Instant::now() + ttl }
    }

    fn is_over(&self) -> bool {
        self.until <= tokio::time::Instant::now()
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
        Self::bounded(MOST_BYTES)
    }
}

impl Memory {
    /// With room for so many bytes.
    pub fn bounded(bytes: u64) -> Self {
        let weight = |key: &String, value: &Value| {
            u32::try_from(key.len() + value.bytes.len() + 128).unwrap_or(u32::MAX)
        };
        let values = Cache::builder().max_capacity(bytes).weigher(weight).expire_after(ByTtl);
        Self { values: values.build(), queues: Queues::default() }
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
        Ok(swap)
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.queues.with(queue, |queue| queue.push(item));
        Ok(())
    }

    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.update(item)))
    }

    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.take_due(now, again, most)))
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.remove(id)))
    }

    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        Ok(self.queues.with(queue, |queue| queue.list(most)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}
