//! A plugin's part of the store.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::record::{Format, Record, RecordError};
use super::update::{Change, update};
use super::{Reach, Store, StoreError, keys};

/// Around a value, which is the plugin's own.
const PLUGIN_VALUE: Format = Format { record: "plugin value", version: 1 };

/// Key and value for one entry of the chain, or for one follower in it. Values are anything with a
/// JSON form.
#[derive(Clone)]
pub struct Namespace {
    store: Arc<dyn Store>,
    prefix: String,
}

impl Namespace {
    /// What an entry of the chain keeps, for all followers.
    pub fn of_plugin(store: Arc<dyn Store>, link: &str) -> Self {
        Self { store, prefix: keys::plugin(link, "") }
    }

    /// What an entry of the chain keeps about a follower of an account.
    pub fn of_session(store: Arc<dyn Store>, link: &str, account: &str, openid: &str) -> Self {
        Self { store, prefix: keys::session(link, account, openid, "") }
    }

    /// Who else sees what is kept, and after what.
    pub fn reach(&self) -> Reach {
        self.store.reach()
    }

    /// Reads a value.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.store.get(&self.full(key)).await? else { return Ok(None) };
        PLUGIN_VALUE.read(&bytes).map(Some).map_err(|source| unfit(key, source))
    }

    /// Keeps a value for `ttl`.
    pub async fn put<T: Serialize + Sync>(
        &self,
        key: &str,
        value: &T,
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let bytes = PLUGIN_VALUE.write(value).map_err(|source| unfit(key, source))?;
        self.store.put(&self.full(key), bytes, ttl).await
    }

    /// Changes a value that others change at the same time, such as a count for all followers;
    /// `change` sees what is there, again each time that somebody else was quicker. Returns the
    /// value as it is afterwards.
    pub async fn update<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        mut change: impl FnMut(Option<T>) -> Change<T>,
    ) -> Result<Option<T>, StoreError> {
        let change = |found: Option<Value<T>>| match change(found.map(|value| value.0)) {
            Change::Keep => Change::Keep,
            Change::Put(value, ttl) => Change::Put(Value(value), ttl),
            Change::Remove => Change::Remove,
        };
        let value = update(&*self.store, &self.full(key), change).await?;
        Ok(value.map(|value| value.0))
    }

    /// Forgets a value.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.store.delete(&self.full(key)).await
    }

    fn full(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

/// A plugin's value as a record.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Value<T>(T);

impl<T: Serialize + DeserializeOwned> Record for Value<T> {
    const NAME: &'static str = PLUGIN_VALUE.record;
    const VERSION: u32 = PLUGIN_VALUE.version;
}

fn unfit(key: &str, source: RecordError) -> StoreError {
    StoreError::Record { key: key.to_owned(), source }
}
