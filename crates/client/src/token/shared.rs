//! An account's part of the store, in which all instances keep what they know of its token.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use wxbot_sdk::store::record::{decode, encode};
use wxbot_sdk::store::{Change, Record, Store, StoreError, keys, update};

/// A store that takes longer is as good as none: calls wait for it.
const TIMEOUT: Duration = Duration::from_secs(1);
/// A store that failed is not asked again for so long: those who wait for a token wait in a row.
const REST: Duration = Duration::from_secs(2);

/// The account's part of the store. Where the store fails, it is as if nothing were there.
pub(crate) struct Shared {
    store: Arc<dyn Store>,
    app_id: String,
    /// What the names in it begin with.
    prefix: &'static str,
    /// Whether the store failed last time, and when: it is logged once.
    failed: Mutex<Option<Instant>>,
}

impl Shared {
    pub(crate) fn new(app_id: &str, store: Arc<dyn Store>) -> Self {
        Self { store, app_id: app_id.to_owned(), prefix: "", failed: Mutex::default() }
    }

    /// A part of it, where every name begins with this.
    pub(crate) fn under(self, prefix: &'static str) -> Self {
        Self { prefix, ..self }
    }

    /// The store's clock, in Unix milliseconds.
    pub(super) async fn now(&self) -> Option<u64> {
        self.watched(self.store.now()).await
    }

    pub(super) async fn get<R: Record>(&self, name: &str) -> Option<R> {
        let key = self.key(name);
        let read = async {
            let Some(bytes) = self.store.get(&key).await? else { return Ok(None) };
            let record = decode(&bytes);
            record.map(Some).map_err(|source| StoreError::Record { key: key.clone(), source })
        };
        self.watched(read).await?
    }

    pub(super) async fn put<R: Record>(&self, name: &str, record: &R, ttl: Duration) {
        self.watched(self.store.put(&self.key(name), encode(record), ttl)).await;
    }

    /// Changes a record, and returns it as it is then; `None` where the store fails.
    pub(super) async fn update<R: Record>(
        &self,
        name: &str,
        change: impl FnMut(Option<R>) -> Change<R>,
    ) -> Option<Option<R>> {
        self.watched(update(&*self.store, &self.key(name), change)).await
    }

    fn key(&self, name: &str) -> String {
        keys::token(&self.app_id, &format!("{}{name}", self.prefix))
    }

    /// Waits for the store, but not for long, and says once when it fails.
    async fn watched<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        if self.failed().is_some_and(|at| at.elapsed() < REST) {
            return None;
        }
        let failure = match timeout(TIMEOUT, work).await {
            Ok(Ok(done)) => {
                *self.failed() = None;
                return Some(done);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {TIMEOUT:?}"),
        };
        if self.failed().replace(Instant::now()).is_none() {
            tracing::warn!(failure, "the access token can't be shared: the store fails");
        }
        None
    }

    fn failed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
