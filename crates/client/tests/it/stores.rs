//! Stores that fail, and one that is slow at the wrong moment.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use wxbot_client::Client;
use wxbot_sdk::api::Api;
use wxbot_sdk::store::{Item, Reach, Store, StoreError, Swap};

/// A store that can't be reached, or never answers.
pub(crate) enum Down {
    Refuses,
    Hangs,
}

impl Down {
    async fn fail<T>(&self) -> Result<T, StoreError> {
        match self {
            Self::Refuses => Err(StoreError::Unreachable("connection refused".into())),
            Self::Hangs => std::future::pending().await,
        }
    }
}

#[async_trait]
impl Store for Down {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.fail().await
    }

    async fn put(&self, _: &str, _: Vec<u8>, _: Duration) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn swap(
        &self,
        _: &str,
        _: Option<&[u8]>,
        _: Option<Vec<u8>>,
        _: Duration,
    ) -> Result<Swap, StoreError> {
        self.fail().await
    }

    async fn push(&self, _: &str, _: Item) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn update(&self, _: &str, _: Item) -> Result<bool, StoreError> {
        self.fail().await
    }

    async fn take_due(&self, _: &str, _: u64, _: u64, _: usize) -> Result<Vec<Item>, StoreError> {
        self.fail().await
    }

    async fn remove(&self, _: &str, _: &str) -> Result<bool, StoreError> {
        self.fail().await
    }

    async fn list(&self, _: &str, _: usize) -> Result<Vec<Item>, StoreError> {
        self.fail().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.fail().await
    }

    fn reach(&self) -> Reach {
        Reach::Instances
    }
}

/// A store before whose first swap somebody else makes a whole call.
pub(crate) struct Overtaken {
    store: Arc<dyn Store>,
    quicker: Mutex<Option<Client>>,
}

impl Overtaken {
    pub(crate) fn new(store: Arc<dyn Store>, quicker: Client) -> Self {
        Self { store, quicker: Mutex::new(Some(quicker)) }
    }
}

#[async_trait]
impl Store for Overtaken {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        self.store.put(key, value, ttl).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(key).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let quicker = self.quicker.lock().unwrap().take();
        if let Some(quicker) = quicker {
            quicker.get("/cgi-bin/menu/get").await.unwrap();
        }
        self.store.swap(key, expected, new, ttl).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.store.push(queue, item).await
    }

    async fn update(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        self.store.update(queue, item).await
    }

    async fn take_due(
        &self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.store.take_due(queue, now, again, most).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        self.store.remove(queue, id).await
    }

    async fn list(&self, queue: &str, most: usize) -> Result<Vec<Item>, StoreError> {
        self.store.list(queue, most).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    fn reach(&self) -> Reach {
        self.store.reach()
    }
}
