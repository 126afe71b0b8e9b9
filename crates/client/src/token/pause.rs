//! What is known when there was no token, and how long nobody asks again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use wxbot_sdk::api::{ApiError, ApiRefusal, Class};

use super::shared::Shared;

/// The pauses after failures in a row; then the last one for ever.
const PAUSES: [u64; 4] = [5, 15, 30, 60];
/// What does not pass by itself is asked for this often at most.
const MINUTE: Duration = Duration::from_secs(60);

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    /// WeChat refused to give one.
    Refused { code: i64, message: String },
    /// The call did not go out.
    Unreachable(String),
    /// No proper answer came back.
    Unclear(String),
    /// WeChat refuses the token that it gives out, and another may not be forced yet.
    Same,
}

impl Failure {
    /// As the error of the call for a token.
    pub(crate) fn to_error(&self, path: &str) -> ApiError {
        let path = path.to_owned();
        match self.clone() {
            Self::Refused { code, message } => {
                ApiError::Refused { path, refusal: ApiRefusal::new(code, &message) }
            }
            Self::Unreachable(cause) => ApiError::Unreachable { path, source: source(&cause) },
            Self::Unclear(cause) => ApiError::Unclear { path, source: source(&cause) },
            Self::Same => {
                let text = "WeChat refuses the token, and another may not be forced yet";
                ApiError::Unclear { path, source: source(text) }
            }
        }
    }

    /// Whether only the operator can put it right.
    pub(super) fn is_for_the_operator(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.class() != Class::Transient)
    }

    /// What only a human can put right is not asked for every few seconds.
    fn pause(&self, failures: u32) -> Duration {
        let nth = usize::try_from(failures).unwrap_or(usize::MAX).clamp(1, PAUSES.len());
        match self.refusal() {
            Some(refusal) if refusal.class() != Class::Transient => {
                refusal.retry_after().unwrap_or_default().max(MINUTE)
            }
            _ => Duration::from_secs(PAUSES[nth - 1]),
        }
    }

    fn refusal(&self) -> Option<ApiRefusal> {
        let Self::Refused { code, message } = self else { return None };
        Some(ApiRefusal::new(*code, message))
    }
}

fn source(text: &str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::from(text))
}

/// The time in which nobody asks. The others learn of it by the store, whose TTL ends it, so that no
/// clock has to agree with another.
#[derive(Default)]
pub(super) struct Pause {
    failures: u32,
    until: Option<(Instant, Failure)>,
}

/// What stands in the store during a pause.
#[derive(Serialize, Deserialize)]
pub(super) struct Shown {
    failures: u32,
    failure: Failure,
}

impl Pause {
    /// The failure whose pause is not over, ours or somebody else's.
    pub(super) async fn check(&mut self, shared: &Shared) -> Result<(), Failure> {
        if let Some((until, failure)) = &self.until
            && Instant::now() < *until
        {
            return Err(failure.clone());
        }
        let Some(shown) = shared.pause().await else { return Ok(()) };
        self.failures = self.failures.max(shown.failures);
        Err(shown.failure)
    }

    /// Nobody asks for a while; says for how long.
    pub(super) async fn begin(&mut self, failure: Failure, shared: &Shared) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let pause = failure.pause(self.failures);
        self.until = Some((Instant::now() + pause, failure.clone()));
        shared.show_pause(&Shown { failures: self.failures, failure }, pause).await;
        pause
    }

    /// Whether there was something to end.
    pub(super) fn end(&mut self) -> bool {
        let failed = self.failures > 0;
        *self = Self::default();
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failure: &Failure, seconds: [u64; 6]) {
        let pauses = [1, 2, 3, 4, 5, u32::MAX].map(|nth| failure.pause(nth).as_secs());
        assert_eq!(pauses, seconds, "{failure:?}");
    }

    #[test]
    fn pauses_grow_to_a_minute() {
        let refused = |code| Failure::Refused { code, message: String::new() };
        check(&Failure::Unreachable("x".into()), [5, 15, 30, 60, 60, 60]);
        check(&Failure::Unclear("x".into()), [5, 15, 30, 60, 60, 60]);
        check(&Failure::Same, [5, 15, 30, 60, 60, 60]);
        check(&refused(-1), [5, 15, 30, 60, 60, 60]);
        check(&refused(40164), [60; 6]);
        check(&refused(45009), [60; 6]);
        check(&refused(89503), [600; 6]);
    }
}
