//! The token that all instances use, as it is stored.

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Change, Record};

use super::access_token::{AccessToken, Need};
use super::shared::Shared;

const NAME: &str = "token";
const DAY: Duration = Duration::from_secs(86_400);

/// Reads and writes the token that all instances use.
pub(super) struct SharedToken {
    clock: Clock,
    /// How long before its end a token is refreshed here.
    ahead: Duration,
}

/// A token in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredToken {
    token: String,
    /// Unix milliseconds, by the clock of whoever wrote it.
    written: u64,
    /// How long it was good from then on, in milliseconds.
    lifetime: u64,
}

impl Record for StoredToken {
    const NAME: &'static str = "token";
    const VERSION: u32 = 1;
}

impl SharedToken {
    pub(super) fn new(clock: Clock, ahead: Duration) -> Self {
        Self { clock, ahead }
    }

    /// What the others have, if it is what is needed.
    pub(super) async fn read(&self, shared: &Shared, need: &Need) -> Option<AccessToken> {
        let token = self.open(shared.get(NAME).await?);
        need.is_met_by(&token).then_some(token)
    }

    /// Writes a new token. If another instance has left one meanwhile that will do, it is newer:
    /// then it stays, and is used here, too.
    pub(super) async fn offer(
        &self,
        shared: &Shared,
        token: AccessToken,
        need: &Need,
    ) -> AccessToken {
        let stored = self.close(&token);
        let ttl = Duration::from_millis(stored.lifetime);
        let written = shared.update(NAME, |found: Option<StoredToken>| match found {
            Some(found) if need.is_met_by(&self.open(found.clone())) => Change::Keep,
            _ => Change::Put(stored.clone(), ttl),
        });
        match written.await {
            Some(Some(there)) if there != stored => self.open(there),
            _ => token,
        }
    }

    fn close(&self, token: &AccessToken) -> StoredToken {
        let lifetime = u64::try_from(token.left().as_millis()).unwrap_or(u64::MAX);
        StoredToken { token: token.text().to_owned(), written: self.clock.millis(), lifetime }
    }

    /// What is left of a token. A clock that is behind the writer's can't make it live longer than
    /// it did; one that is ahead makes it end early, which costs a call.
    fn open(&self, stored: StoredToken) -> AccessToken {
        let age = self.clock.millis().saturating_sub(stored.written);
        let left = Duration::from_millis(stored.lifetime.saturating_sub(age)).min(DAY);
        AccessToken::found(SecretString::from(stored.token), left, self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::store::record::{decode, encode};

    use super::*;

    #[test]
    fn a_token_that_was_stored_is_read_by_newer_code() {
        let golden = include_str!("../../tests/golden/token.1.json");
        let token = "canary".to_owned();
        let stored = StoredToken { token, written: 1_735_689_600_000, lifetime: 7_200_000 };
        assert_eq!(decode::<StoredToken>(golden.as_bytes()).unwrap(), stored);
        assert_eq!(encode(&stored), golden.as_bytes());
    }
}
