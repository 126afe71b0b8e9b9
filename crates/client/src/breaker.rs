//! A circuit breaker: while WeChat's API fails, calls fail at once instead of waiting for it.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wxbot_sdk::api::ApiError;

/// Failures in a row that open the circuit. Fewer happen on any network.
const FAILURES: u32 = 5;
/// How long it stays open at first, after a trial that failed, after another one, and so on.
const SECONDS: [u64; 5] = [2, 5, 15, 30, 60];
/// The longest `Retry-After` that is obeyed.
const LONGEST: Duration = Duration::from_secs(300);

/// The circuit of one account. While it is closed, calls are made. [`FAILURES`] in a row open it,
/// and none is made for a while; then one is tried, which closes it or keeps it open for longer.
///
/// A failure is a call that WeChat did not answer. A refusal is an answer, and a call that was not
/// made for lack of a token tells nothing.
pub(crate) struct CircuitBreaker {
    account: String,
    state: Mutex<State>,
    /// Calls that were not made so far.
    cut: AtomicU64,
}

#[derive(Default)]
struct State {
    /// In a row, while the circuit is closed.
    failures: u32,
    open: Option<Open>,
}

struct Open {
    until: Instant,
    /// How often it was opened since a call was last answered.
    times: usize,
    /// The last failure.
    failure: ApiError,
    /// Whether a trial is under way.
    is_trying: bool,
}

/// A call that may be made.
pub(crate) struct Permit<'b> {
    breaker: &'b CircuitBreaker,
    /// Whether the circuit is open, and this is the call that is tried.
    is_trial: bool,
}

impl CircuitBreaker {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), state: Mutex::default(), cut: AtomicU64::new(0) }
    }

    /// Whether a call may be made now.
    pub(crate) fn permit(&self, path: &str) -> Result<Permit<'_>, ApiError> {
        let mut state = self.lock();
        let Some(open) = &mut state.open else {
            return Ok(Permit { breaker: self, is_trial: false });
        };
        if let Err(error) = open.check(path) {
            self.cut.fetch_add(1, Ordering::Relaxed);
            return Err(error);
        }
        open.is_trying = true;
        Ok(Permit { breaker: self, is_trial: true })
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().open.is_some()
    }

    /// Calls that were not made so far, as the circuit was open.
    pub(crate) fn cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }

    fn succeeded(&self) {
        let mut state = self.lock();
        state.failures = 0;
        if state.open.take().is_some() {
            tracing::info!(account = %self.account, "WeChat's API answers again");
        }
    }

    fn failed(&self, failure: &ApiError, is_trial: bool) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let times = match &state.open {
            Some(open) if is_trial => open.times,
            // Under way before the circuit was opened: nothing new.
            Some(_) => return,
            None => {
                state.failures += 1;
                if state.failures < FAILURES {
                    return;
                }
                0
            }
        };
        let retry_in = open_for(times, failure);
        let (until, times) = (Instant::now() + retry_in, times + 1);
        state.open = Some(Open { until, times, failure: failure.clone(), is_trying: false });
        let (account, error) = (&self.account, failure);
        let cause = failure.source().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(%account, %error, cause, ?retry_in, "WeChat's API does not answer");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Whether this call may be the one that is tried.
    fn check(&self, path: &str) -> Result<(), ApiError> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() && !self.is_trying {
            return Ok(());
        }
        Err(ApiError::CircuitOpen {
            path: path.to_owned(),
            retry_after: left.max(Duration::from_secs(1)),
            source: Box::new(self.failure.clone()),
        })
    }
}

fn open_for(times: usize, failure: &ApiError) -> Duration {
    let usual = Duration::from_secs(SECONDS[times.min(SECONDS.len() - 1)]);
    usual.max(failure.retry_after().unwrap_or_default().min(LONGEST))
}

impl Permit<'_> {
    /// Learns from what became of the call. One whose file can't be sent tells nothing of WeChat.
    pub(crate) fn record<T>(self, result: &Result<T, ApiError>) {
        match result {
            Err(ApiError::Content { .. }) => {}
            Err(error) if is_outage(error) => self.breaker.failed(error, self.is_trial),
            _ => self.breaker.succeeded(),
        }
    }
}

/// A trial whose caller stops waiting is left to another call.
impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.is_trial
            && let Some(open) = &mut self.breaker.lock().open
        {
            open.is_trying = false;
        }
    }
}

fn is_outage(error: &ApiError) -> bool {
    matches!(
        error,
        ApiError::Unreachable { .. } | ApiError::Unavailable { .. } | ApiError::Unclear { .. }
    )
}
