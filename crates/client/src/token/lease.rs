//! Whose turn it is to fetch a token: a lease in the store, with an owner and an end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::store::{Change, Record};

use super::shared::Shared;

const NAME: &str = "lease";

/// The right to fetch a token, until the store lets it end.
pub(super) struct Lease {
    stored: StoredLease,
}

/// What became of asking for the lease.
pub(super) enum Acquired {
    /// It is ours.
    Ours(Lease),
    /// Somebody else is fetching.
    Taken,
    /// There is no store to ask: every process for itself.
    NoStore,
}

/// A lease in the store; its TTL ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredLease {
    /// Random.
    owner: String,
}

impl Record for StoredLease {
    const NAME: &'static str = "token lease";
    const VERSION: u32 = 1;
}

impl Lease {
    pub(super) async fn acquire(shared: &Shared, time: Duration) -> Acquired {
        let ours = StoredLease { owner: hex::encode(rand::random::<[u8; 16]>()) };
        let lease = shared.update(NAME, |holder| match holder {
            None => Change::Put(ours.clone(), time),
            Some(_) => Change::Keep,
        });
        match lease.await {
            Some(Some(holder)) if holder == ours => Acquired::Ours(Self { stored: ours }),
            Some(_) => Acquired::Taken,
            None => Acquired::NoStore,
        }
    }

    /// Only if it is still ours: it may have ended, and be another's by now.
    pub(super) async fn release(self, shared: &Shared) {
        let release = shared.update(NAME, |holder: Option<StoredLease>| match holder {
            Some(holder) if holder == self.stored => Change::Remove,
            _ => Change::Keep,
        });
        release.await;
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::store::record::{decode, encode};

    use super::*;

    #[test]
    fn a_lease_that_was_stored_is_read_by_newer_code() {
        let golden = include_str!("../../tests/golden/token-lease.1.json");
        let stored = StoredLease { owner: "0123456789abcdef0123456789abcdef".into() };
        assert_eq!(decode::<StoredLease>(golden.as_bytes()).unwrap(), stored);
        assert_eq!(encode(&stored), golden.as_bytes());
    }
}
