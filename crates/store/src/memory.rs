//! `memory:`, gone with the process. For one instance, and for trying things out.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::sync::Cache;
use wxbot_core::store::{Store, StoreError};

/// Bytes of keys and values; beyond them what was used least is forgotten first.
const MOST_BYTES: u64 = 64 << 20;

/// Values in memory, each with its time to live, bounded in bytes.
pub struct Memory {
    values: Cache<String, Value>,
}

#[derive(Clone)]
struct Value {
    bytes: Vec<u8>,
    ttl: Duration,
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
        Self { values: values.build() }
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.values.get(key).map(|value| value.bytes))
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        self.values.insert(key.to_owned(), Value { bytes, ttl });
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.values.invalidate(key);
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
