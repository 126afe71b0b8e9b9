//! Stores that fail, and one that is slow at the wrong moment.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use wxbot_client::Client;
use wxbot_sdk::api::Api;
use wxbot_sdk::store::{
    Cursor, FencingToken, Item, QueuedItem, Reach, Store, StoreError, Swap, Watch,
};

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

    async fn watch(&self, _: &str) -> Watch {
        Watch::deaf()
    }

    async fn push(&self, _: &str, _: Item) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn get_item(&self, _: &str, _: &str) -> Result<Option<QueuedItem>, StoreError> {
        self.fail().await
    }

    async fn list_after(
        &self,
        _: &str,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.fail().await
    }

    async fn count(&self, _: &str) -> Result<u64, StoreError> {
        self.fail().await
    }

    async fn lease_due(
        &self,
        _: &str,
        _: Duration,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.fail().await
    }

    async fn renew(
        &self,
        _: &str,
        _: &str,
        _: FencingToken,
        _: Duration,
        _: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        self.fail().await
    }

    async fn update_if(&self, _: &str, _: Item, _: FencingToken) -> Result<bool, StoreError> {
        self.fail().await
    }

    async fn remove_if(&self, _: &str, _: &str, _: FencingToken) -> Result<bool, StoreError> {
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

    async fn now(&self) -> Result<u64, StoreError> {
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

    async fn watch(&self, key: &str) -> Watch {
        self.store.watch(key).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.store.push(queue, item).await
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        self.store.get_item(queue, id).await
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.store.list_after(queue, after, most).await
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        self.store.count(queue).await
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.store.lease_due(queue, lease, most).await
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        self.store.renew(queue, id, token, lease, value).await
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        self.store.update_if(queue, item, token).await
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        self.store.remove_if(queue, id, token).await
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

    async fn now(&self) -> Result<u64, StoreError> {
        self.store.now().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    fn reach(&self) -> Reach {
        self.store.reach()
    }
}
