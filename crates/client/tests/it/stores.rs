//! Stores with a quirk, from one that is down to one that somebody else is quicker to write to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
use wxbot_client::Client;
use wxbot_sdk::api::Api;
use wxbot_sdk::store::{
    Cursor, FencingToken, Item, QueuedItem, Reach, Store, StoreError, Swap, Watch,
};

use crate::wechat::memory;

/// What is odd about a store.
pub(crate) enum Quirk {
    /// It can't be reached.
    Refuses,
    /// It never answers.
    Hangs,
    /// It takes this long for everything.
    Slow(Duration),
    /// No TTL ever ends.
    ForgetsNothing,
    /// Before its first swap somebody else makes a whole call.
    Overtaken(Mutex<Option<Client>>),
}

/// A store that does what it should, but for its quirk.
pub(crate) struct Quirky {
    store: Arc<dyn Store>,
    quirk: Quirk,
}

impl Quirky {
    pub(crate) fn new(quirk: Quirk) -> Arc<Self> {
        Self::around(memory(), quirk)
    }

    pub(crate) fn around(store: Arc<dyn Store>, quirk: Quirk) -> Arc<Self> {
        Arc::new(Self { store, quirk })
    }

    async fn store(&self) -> Result<&dyn Store, StoreError> {
        match self.quirk {
            Quirk::Refuses => return Err(StoreError::Unreachable("connection refused".into())),
            Quirk::Hangs => std::future::pending().await,
            Quirk::Slow(time) => sleep(time).await,
            Quirk::ForgetsNothing | Quirk::Overtaken(_) => {}
        }
        Ok(&*self.store)
    }

    fn ttl(&self, ttl: Duration) -> Duration {
        match self.quirk {
            Quirk::ForgetsNothing => Duration::from_secs(365 * 86_400),
            _ => ttl,
        }
    }
}

#[async_trait]
impl Store for Quirky {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store().await?.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        self.store().await?.put(key, value, self.ttl(ttl)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store().await?.delete(key).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        if let Quirk::Overtaken(quicker) = &self.quirk {
            let quicker = quicker.lock().unwrap().take();
            if let Some(quicker) = quicker {
                quicker.get("/cgi-bin/menu/get").await.unwrap();
            }
        }
        self.store().await?.swap(key, expected, new, self.ttl(ttl)).await
    }

    async fn now(&self) -> Result<u64, StoreError> {
        self.store().await?.now().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store().await?.ping().await
    }

    fn reach(&self) -> Reach {
        self.store.reach()
    }

    async fn watch(&self, _: &str) -> Watch {
        Watch::deaf()
    }

    async fn push(&self, _: &str, _: Item) -> Result<(), StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn push_new(&self, _: &str, _: Item) -> Result<bool, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn push_leased(
        &self,
        _: &str,
        _: &str,
        _: Vec<u8>,
        _: Duration,
    ) -> Result<FencingToken, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn get_item(&self, _: &str, _: &str) -> Result<Option<QueuedItem>, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn list_after(
        &self,
        _: &str,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn count(&self, _: &str) -> Result<u64, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn lease_due(
        &self,
        _: &str,
        _: Duration,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn renew(
        &self,
        _: &str,
        _: &str,
        _: FencingToken,
        _: Duration,
        _: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn update_if(&self, _: &str, _: Item, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn remove_if(&self, _: &str, _: &str, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("{NO_QUEUES}")
    }

    async fn remove(&self, _: &str, _: &str) -> Result<bool, StoreError> {
        unreachable!("{NO_QUEUES}")
    }
}

const NO_QUEUES: &str = "a client keeps values only";
