//! Stores that fail.

use std::time::Duration;

use async_trait::async_trait;
use wxbot_core::store::{Item, Reach, Store, StoreError, Swap};

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
