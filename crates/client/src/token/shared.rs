//! What all instances know of an account's token, in the store.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Store, StoreError, Swap};

use super::forced::{APART, Used};
use super::pause::Shown;
use super::{Need, Token};

/// A store that takes longer is as good as none: calls wait for it.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);
/// A store that failed is not asked again for so long: those who wait for a token wait in a row.
const STORE_REST: Duration = Duration::from_secs(2);
/// Whoever writes meanwhile is another instance, and there are not many.
const WRITES: usize = 3;
const DAY: Duration = Duration::from_secs(86_400);

/// The account's part of the store. Where the store fails, it is as if nothing were there.
pub(super) struct Shared {
    store: Arc<dyn Store>,
    prefix: String,
    clock: Clock,
    /// Whether the store failed last time, and when: it is logged once.
    failed: Mutex<Option<Instant>>,
}

/// A token as it stands in the store.
#[derive(Serialize, Deserialize)]
struct Stored {
    token: String,
    /// Unix milliseconds, by the clock of whoever wrote it.
    written: u64,
    /// How long it was good from then on, in milliseconds.
    lifetime: u64,
}

/// What stood in the store.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) token: Option<Token>,
    raw: Option<Vec<u8>>,
}

impl Shared {
    pub(super) fn new(app_id: &str, store: Arc<dyn Store>, clock: Clock) -> Self {
        let prefix = format!("api/{app_id}/");
        Self { store, prefix, clock, failed: Mutex::default() }
    }

    pub(super) fn seconds(&self) -> u64 {
        self.clock.seconds()
    }

    /// The token that the others use.
    pub(super) async fn read(&self, ahead: Duration) -> Seen {
        self.seen(self.get("token").await, ahead)
    }

    /// Writes a token in place of the one that was seen. Somebody who wrote meanwhile was later:
    /// then it is theirs that stays, if it will do, and is returned.
    pub(super) async fn write(
        &self,
        token: &Token,
        seen: Seen,
        ahead: Duration,
        need: &Need,
    ) -> Option<Token> {
        let stored = self.stored(token);
        let ttl = Duration::from_millis(stored.lifetime);
        let (new, mut expected) = (to_json(&stored), seen.raw);
        for _ in 0..WRITES {
            let swap = self.swap("token", expected.as_deref(), Some(new.clone()), ttl).await;
            let Some(Swap::Found(found)) = swap else { return None };
            let found = self.seen(found, ahead);
            if found.token.as_ref().is_some_and(|token| need.is_met_by(token)) {
                return found.token;
            }
            expected = found.raw;
        }
        None
    }

    /// Changes the lease; `None` where the store fails.
    pub(super) async fn swap_lease(
        &self,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        time: Duration,
    ) -> Option<Swap> {
        self.swap("lease", expected, new, time).await
    }

    /// The pause that somebody announced, until it is over.
    pub(super) async fn pause(&self) -> Option<Shown> {
        self.get_json("pause").await
    }

    pub(super) async fn show_pause(&self, shown: &Shown, pause: Duration) {
        self.put("pause", to_json(shown), pause).await;
    }

    /// Whether a renewal was forced so shortly ago that WeChat would not do it.
    pub(super) async fn forced_just_now(&self) -> bool {
        self.get("forced-just-now").await.is_some()
    }

    pub(super) async fn forced(&self) -> Option<Used> {
        self.get_json("forced").await
    }

    pub(super) async fn show_forced(&self, used: Used) {
        self.put("forced", to_json(&used), DAY).await;
        self.put("forced-just-now", b"1".to_vec(), APART).await;
    }

    fn stored(&self, token: &Token) -> Stored {
        let lifetime = token.until.saturating_duration_since(Instant::now()).as_millis();
        let lifetime = u64::try_from(lifetime).unwrap_or(u64::MAX);
        Stored { token: token.text().to_owned(), written: self.clock.millis(), lifetime }
    }

    /// What is left of a token. A clock that is behind the writer's can't make it live longer than
    /// it did; one that is ahead makes it end early, which costs a call.
    fn seen(&self, raw: Option<Vec<u8>>, ahead: Duration) -> Seen {
        let stored = raw.as_deref().and_then(|raw| serde_json::from_slice::<Stored>(raw).ok());
        let token = stored.map(|stored| {
            let age = self.clock.millis().saturating_sub(stored.written);
            let left = Duration::from_millis(stored.lifetime.saturating_sub(age)).min(DAY);
            Token::found(SecretString::from(stored.token), left, ahead)
        });
        Seen { token, raw }
    }

    async fn get_json<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&self.get(name).await?).ok()
    }

    async fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.watched(self.store.get(&self.key(name))).await?
    }

    async fn put(&self, name: &str, value: Vec<u8>, ttl: Duration) {
        self.watched(self.store.put(&self.key(name), value, ttl)).await;
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        ttl: Duration,
    ) -> Option<Swap> {
        self.watched(self.store.swap(&self.key(name), expected, new, ttl)).await
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Waits for the store, but not for long, and says once when it fails.
    async fn watched<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        if self.failed().is_some_and(|at| at.elapsed() < STORE_REST) {
            return None;
        }
        let failure = match timeout(STORE_TIMEOUT, work).await {
            Ok(Ok(done)) => {
                *self.failed() = None;
                return Some(done);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {STORE_TIMEOUT:?}"),
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

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings and numbers can be written to memory")
}
