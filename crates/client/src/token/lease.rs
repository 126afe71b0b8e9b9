//! Whose turn it is to fetch a token: a lease in the store, with an owner and an end.

use std::time::Duration;

use wxbot_sdk::store::Swap;

use super::shared::Shared;

/// The right to fetch a token, until the store lets it end.
pub(super) struct Lease {
    owner: Vec<u8>,
}

/// What became of asking for the lease.
pub(super) enum Taken {
    /// It is ours.
    Mine(Lease),
    /// Somebody else is fetching.
    BySomebody,
    /// There is no store to ask: every process for itself.
    NoStore,
}

impl Lease {
    pub(super) async fn take(shared: &Shared, time: Duration) -> Taken {
        let owner = hex::encode(rand::random::<[u8; 16]>()).into_bytes();
        match shared.swap_lease(None, Some(owner.clone()), time).await {
            Some(Swap::Done) => Taken::Mine(Self { owner }),
            Some(Swap::Found(_)) => Taken::BySomebody,
            None => Taken::NoStore,
        }
    }

    /// Only if it is still ours: it may have ended, and be another's by now.
    pub(super) async fn give_back(self, shared: &Shared) {
        shared.swap_lease(Some(&self.owner), None, Duration::ZERO).await;
    }
}
