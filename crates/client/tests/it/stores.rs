//! Stores that fail, and some that have a quirk.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
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

/// A store that does what it should, with one quirk.
pub(crate) struct Quirky {
    store: Arc<dyn Store>,
    quirk: Quirk,
}

/// What is odd about a store.
pub(crate) enum Quirk {
    /// Before its first swap somebody else makes a whole call.
    Overtaken(Mutex<Option<Client>>),
    /// Its clock stands still: no TTL ever ends.
    ForgetsNothing,
    /// It takes so long for everything.
    Slow(Duration),
}

impl Quirky {
    pub(crate) fn new(store: Arc<dyn Store>, quirk: Quirk) -> Arc<Self> {
        Arc::new(Self { store, quirk })
    }

    async fn store(&self) -> &dyn Store {
        if let Quirk::Slow(time) = self.quirk {
            sleep(time).await;
        }
        &*self.store
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
        self.store().await.get(key).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        self.store().await.put(key, value, self.ttl(ttl)).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store().await.delete(key).await
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
        self.store().await.swap(key, expected, new, self.ttl(ttl)).await
    }

    async fn watch(&self, key: &str) -> Watch {
        self.store().await.watch(key).await
    }

    async fn push(&self, _: &str, _: Item) -> Result<(), StoreError> {
        unreachable!("the client has no queues")
    }

    async fn get_item(&self, _: &str, _: &str) -> Result<Option<QueuedItem>, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn list_after(
        &self,
        _: &str,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn count(&self, _: &str) -> Result<u64, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn lease_due(
        &self,
        _: &str,
        _: Duration,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn renew(
        &self,
        _: &str,
        _: &str,
        _: FencingToken,
        _: Duration,
        _: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn update_if(&self, _: &str, _: Item, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn remove_if(&self, _: &str, _: &str, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn update(&self, _: &str, _: Item) -> Result<bool, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn take_due(&self, _: &str, _: u64, _: u64, _: usize) -> Result<Vec<Item>, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn remove(&self, _: &str, _: &str) -> Result<bool, StoreError> {
        unreachable!("the client has no queues")
    }

    async fn now(&self) -> Result<u64, StoreError> {
        self.store().await.now().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    fn reach(&self) -> Reach {
        self.store.reach()
    }
}
