//! How long nobody asks for a token after there was none, over all instances.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use wxbot_sdk::store::Record;

use super::failure::TokenFailure;
use super::shared::Shared;

const NAME: &str = "backoff";
/// After the first failure in a row, the second, and so on; the last one for all that follow.
const SECONDS: [u64; 4] = [5, 15, 30, 60];
/// The longest `Retry-After` that is obeyed.
const LONGEST: Duration = Duration::from_secs(600);
/// What does not pass by itself is asked for this often at most.
const LASTING: Duration = Duration::from_secs(60);

/// The time in which nobody asks. Other instances learn of it from the store, whose TTL ends it, so
/// that no clock has to agree with another. If the store's clock stands still, our own ends it.
#[derive(Default)]
pub(super) struct Backoff {
    failures: u32,
    ours: Option<(Instant, TokenFailure)>,
    /// The last one in the store, and when it is over at the latest.
    seen: Option<(String, Instant)>,
}

/// A backoff in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StoredBackoff {
    /// Random.
    id: String,
    /// In milliseconds, from when it was written.
    lasts: u64,
    /// In a row.
    failures: u32,
    /// The last of them.
    failure: TokenFailure,
}

impl Record for StoredBackoff {
    const NAME: &'static str = "token backoff";
    const VERSION: u32 = 1;
}

impl Backoff {
    /// The failure whose backoff is not over, ours or somebody else's.
    pub(super) async fn check(&mut self, shared: &Shared) -> Result<(), TokenFailure> {
        if let Some((until, failure)) = &self.ours
            && Instant::now() < *until
        {
            return Err(failure.clone());
        }
        match shared.get::<StoredBackoff>(NAME).await {
            Some(stored) if !self.is_over(&stored) => {
                self.failures = self.failures.max(stored.failures);
                Err(stored.failure)
            }
            _ => Ok(()),
        }
    }

    /// Nobody asks for a while; says for how long.
    pub(super) async fn begin(&mut self, failure: TokenFailure, shared: &Shared) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let time = length(&failure, self.failures);
        let until = Instant::now() + time;
        let stored = StoredBackoff {
            id: hex::encode(rand::random::<[u8; 8]>()),
            lasts: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            failures: self.failures,
            failure: failure.clone(),
        };
        self.ours = Some((until, failure));
        self.seen = Some((stored.id.clone(), until));
        shared.put(NAME, &stored, time).await;
        time
    }

    /// Whether there was something to end.
    pub(super) fn end(&mut self) -> bool {
        let failed = self.failures > 0;
        *self = Self::default();
        failed
    }

    fn is_over(&mut self, stored: &StoredBackoff) -> bool {
        match &self.seen {
            Some((id, until)) if *id == stored.id => Instant::now() >= *until,
            _ => {
                let latest = Instant::now() + Duration::from_millis(stored.lasts);
                self.seen = Some((stored.id.clone(), latest));
                false
            }
        }
    }
}

/// What only a human can put right is not asked for every few seconds.
fn length(failure: &TokenFailure, failures: u32) -> Duration {
    let nth = usize::try_from(failures).unwrap_or(usize::MAX).clamp(1, SECONDS.len());
    let usual = match failure.is_lasting() {
        true => LASTING,
        false => Duration::from_secs(SECONDS[nth - 1]),
    };
    usual.max(failure.retry_after().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::store::record::{decode, encode};

    use super::*;

    #[track_caller]
    fn check(failure: &TokenFailure, seconds: [u64; 6]) {
        let lengths = [1, 2, 3, 4, 5, u32::MAX].map(|nth| length(failure, nth).as_secs());
        assert_eq!(lengths, seconds, "{failure:?}");
    }

    #[test]
    fn backoffs_grow_to_a_minute() {
        let refused = |code| TokenFailure::Refused { code, message: String::new() };
        check(&TokenFailure::Unreachable("x".into()), [5, 15, 30, 60, 60, 60]);
        check(&TokenFailure::Unclear("x".into()), [5, 15, 30, 60, 60, 60]);
        check(&TokenFailure::StillRefused, [5, 15, 30, 60, 60, 60]);
        check(&refused(-1), [5, 15, 30, 60, 60, 60]);
        check(&refused(40164), [60; 6]);
        check(&refused(45009), [60; 6]);
        check(&refused(89503), [600; 6]);
        let unavailable = |retry_after| TokenFailure::Unavailable { status: 503, retry_after };
        check(&unavailable(None), [5, 15, 30, 60, 60, 60]);
        check(&unavailable(Some(20)), [20, 20, 30, 60, 60, 60]);
        check(&unavailable(Some(86_400)), [600; 6]);
    }

    #[test]
    fn every_backoff_that_was_stored_is_read_by_newer_code() {
        let failures = [
            TokenFailure::Refused { code: 40164, message: "invalid ip 203.0.113.7".into() },
            TokenFailure::Unreachable("connection refused".into()),
            TokenFailure::Unavailable { status: 503, retry_after: Some(30) },
            TokenFailure::Unavailable { status: 429, retry_after: None },
            TokenFailure::Unclear("no answer within 5s".into()),
            TokenFailure::StillRefused,
        ];
        let golden = include_str!("../../tests/golden/token-backoff.1.json");
        assert_eq!(golden.lines().count(), failures.len());
        for (golden, failure) in golden.lines().zip(failures) {
            let id = "0123456789abcdef".to_owned();
            let stored = StoredBackoff { id, lasts: 60_000, failures: 3, failure };
            assert_eq!(decode::<StoredBackoff>(golden.as_bytes()).unwrap(), stored);
            assert_eq!(String::from_utf8(encode(&stored)).unwrap(), golden);
        }
    }
}
