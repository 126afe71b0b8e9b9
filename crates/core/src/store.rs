//! What must outlive a message: one small trait, and what plugins see of it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Keeps values by key for a time. `wxbot-store` has the implementations.
#[async_trait]
pub trait Store: Send + Sync {
    /// The value, unless there is none or its time is over.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Keeps a value for `ttl`.
    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError>;
    /// Forgets a value.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;
    /// Whether the store can be reached; for `/readyz`.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The value was written by something else.
    #[error("the value under `{key}` is not what was expected")]
    Value {
        /// Without the namespace.
        key: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// The store can't be reached, or refused.
    #[error("the store did not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A part of the store that belongs to one instance, or to one follower in it.
#[derive(Clone)]
pub struct Shelf {
    store: Arc<dyn Store>,
    prefix: String,
}

impl Shelf {
    /// Names what belongs together by parts; none of them can reach into another shelf.
    pub(crate) fn new(store: Arc<dyn Store>, parts: &[&str]) -> Self {
        let prefix = parts.iter().map(|part| format!("{}:{part}/", part.len())).collect();
        Self { store, prefix }
    }

    /// Reads a value.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let Some(value) = self.store.get(&self.full(key)).await? else { return Ok(None) };
        let value = serde_json::from_slice(&value);
        value.map(Some).map_err(|source| StoreError::Value { key: key.to_owned(), source })
    }

    /// Keeps a value for `ttl`.
    pub async fn put<T: Serialize + Sync>(
        &self,
        key: &str,
        value: &T,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_vec(value);
        let value = value.map_err(|source| StoreError::Value { key: key.to_owned(), source })?;
        self.store.put(&self.full(key), value, ttl).await
    }

    /// Forgets a value.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(&self.full(key)).await
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}
