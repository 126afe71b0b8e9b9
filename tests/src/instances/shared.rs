//! A store that several instances share, each until its life ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use wxbot_sdk::store::{
    Cursor, FencingToken, Item, QueuedItem, Reach, Store, StoreError, Swap, SwapRequest, Values,
    Watch,
};

use super::life::Life;

/// A store that several instances share, as one of them sees it.
pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) life: Arc<Life>,
    /// What a call over the network takes.
    pub(super) takes: Duration,
    pub(super) trouble: Arc<AtomicBool>,
    /// What is due in this queue can't be leased.
    pub(super) failing: Arc<Mutex<Option<String>>>,
    pub(super) reach: Reach,
    /// Calls for messages: not heartbeats, and not for the outbox.
    pub(super) calls: Arc<AtomicUsize>,
}

impl Shared {
    fn count(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.life.live(tokio::time::sleep(self.takes)).await;
        if self.trouble.load(Ordering::SeqCst) {
            return Err(StoreError::Unreachable("it is down".into()));
        }
        let done = work.await;
        self.life.live(async { done }).await
    }

    /// A call that changes something. What only looks is no step: to end there is to end at the
    /// step before.
    async fn change<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.life.step().await;
        let done = self.call(work).await;
        self.life.step().await;
        done
    }
}

/// What is written from time to time, whatever messages come.
fn is_unnoticed(key: &str) -> bool {
    key.starts_with("instance/") || key.starts_with("replay/")
}

#[async_trait]
impl Store for Shared {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.count();
        self.call(self.store.get(key)).await
    }

    async fn put(&self, key: &str, value: Vec<u8>, ttl: Duration) -> Result<(), StoreError> {
        match is_unnoticed(key) {
            true => self.call(self.store.put(key, value, ttl)).await,
            false => {
                self.count();
                self.change(self.store.put(key, value, ttl)).await
            }
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.count();
        self.change(self.store.delete(key)).await
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Result<Swap, StoreError> {
        self.count();
        match is_unnoticed(key) {
            true => self.call(self.store.swap(key, expected, new, ttl)).await,
            false => self.change(self.store.swap(key, expected, new, ttl)).await,
        }
    }

    async fn values(&self, prefix: &str, from: Option<Vec<u8>>) -> Result<Values, StoreError> {
        self.call(self.store.values(prefix, from)).await
    }

    async fn swap_all(&self, swaps: Vec<SwapRequest>) -> Result<Vec<Swap>, StoreError> {
        self.count();
        self.change(self.store.swap_all(swaps)).await
    }

    async fn watch(&self, key: &str) -> Watch {
        self.store.watch(key).await
    }

    async fn push(&self, queue: &str, item: Item) -> Result<(), StoreError> {
        self.change(self.store.push(queue, item)).await
    }

    async fn push_new(&self, queue: &str, item: Item) -> Result<bool, StoreError> {
        self.change(self.store.push_new(queue, item)).await
    }

    async fn push_leased(
        &self,
        queue: &str,
        id: &str,
        value: Vec<u8>,
        lease: Duration,
    ) -> Result<FencingToken, StoreError> {
        self.change(self.store.push_leased(queue, id, value, lease)).await
    }

    async fn get_item(&self, queue: &str, id: &str) -> Result<Option<QueuedItem>, StoreError> {
        self.call(self.store.get_item(queue, id)).await
    }

    async fn list_after(
        &self,
        queue: &str,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        self.call(self.store.list_after(queue, after, most)).await
    }

    async fn count(&self, queue: &str) -> Result<u64, StoreError> {
        self.call(self.store.count(queue)).await
    }

    async fn lease_due(
        &self,
        queue: &str,
        lease: Duration,
        most: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        if self.failing.lock().expect("nobody panics in here").as_deref() == Some(queue) {
            return Err(StoreError::Unreachable("this queue is broken".into()));
        }
        self.call(self.store.lease_due(queue, lease, most)).await
    }

    async fn renew(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
        lease: Duration,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        self.change(self.store.renew(queue, id, token, lease, value)).await
    }

    async fn update_if(
        &self,
        queue: &str,
        item: Item,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        self.change(self.store.update_if(queue, item, token)).await
    }

    async fn remove_if(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        let remove = async {
            let removed = self.store.remove_if(queue, id, token).await;
            self.life.notes(false);
            removed
        };
        self.change(remove).await
    }

    async fn remove(&self, queue: &str, id: &str) -> Result<bool, StoreError> {
        let remove = async {
            let removed = self.store.remove(queue, id).await;
            self.life.notes(false);
            removed
        };
        self.change(remove).await
    }

    async fn now(&self) -> Result<u64, StoreError> {
        self.call(self.store.now()).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call(self.store.ping()).await
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}
