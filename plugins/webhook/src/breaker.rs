//! A circuit breaker: while the endpoint fails, followers don't wait for it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::CallError;

/// Failures in a row that open the circuit. Fewer happen on any network.
const FAILURES: u32 = 5;
/// How long it stays open at first, after a trial that failed, after another one, and so on.
const SECONDS: [u64; 5] = [1, 2, 5, 15, 30];

/// The circuit of one link. While it is closed, calls are made. [`FAILURES`] in a row open it, and
/// none is made for a while; then one is tried, which closes it or keeps it open for longer.
pub(crate) struct Breaker {
    link: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In a row.
    failures: u32,
    /// Until when no call is made.
    open_until: Option<Instant>,
    /// Whether one is being tried.
    is_trying: bool,
}

/// A call that may be made.
#[must_use]
pub(crate) struct Attempt<'b> {
    breaker: &'b Breaker,
    is_trial: bool,
    /// Whether it is known what became of it.
    is_recorded: bool,
}

impl Breaker {
    pub(crate) fn new(link: &str) -> Self {
        Self { link: link.to_owned(), state: Mutex::default() }
    }

    /// Whether a call may be made now.
    pub(crate) fn attempt(&self) -> Result<Attempt<'_>, CallError> {
        let mut state = self.lock();
        let Some(until) = state.open_until else {
            return Ok(Attempt::new(self, false));
        };
        let left = until.saturating_duration_since(Instant::now());
        if state.is_trying || !left.is_zero() {
            let retry_in = left.max(Duration::from_secs(1));
            return Err(CallError::CircuitOpen { failures: state.failures, retry_in });
        }
        state.is_trying = true;
        Ok(Attempt::new(self, true))
    }

    fn succeeded(&self) {
        let mut state = self.lock();
        state.failures = 0;
        if state.open_until.take().is_some() {
            tracing::info!(link = self.link, "the endpoint answers again");
        }
    }

    fn failed(&self, is_trial: bool) {
        let mut state = self.lock();
        if state.open_until.is_some() && !is_trial {
            return; // under way before the circuit was opened: nothing new
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures < FAILURES {
            return;
        }
        let times = (state.failures - FAILURES) as usize;
        let retry_in = Duration::from_secs(SECONDS[times.min(SECONDS.len() - 1)]);
        state.open_until = Some(Instant::now() + retry_in);
        let (link, failures) = (&self.link, state.failures);
        tracing::warn!(link, failures, ?retry_in, "the endpoint is not called for a while");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'b> Attempt<'b> {
    fn new(breaker: &'b Breaker, is_trial: bool) -> Self {
        Self { breaker, is_trial, is_recorded: false }
    }

    /// Learns from what became of the call. One that was not made tells nothing.
    pub(crate) fn record<T>(mut self, result: &Result<T, CallError>) {
        self.is_recorded = true;
        match result {
            Ok(_) => self.breaker.succeeded(),
            Err(CallError::RequestTooLong) => {}
            Err(_) => self.breaker.failed(self.is_trial),
        }
    }
}

/// The entry's `timeout` was shorter than `time_limit`: no answer is a failure all the same.
impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.breaker.failed(self.is_trial);
        }
        if self.is_trial {
            self.breaker.lock().is_trying = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(breaker: &Breaker) {
        let attempt = breaker.attempt().unwrap_or_else(|error| panic!("{error}"));
        attempt.record::<()>(&Err(CallError::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_and_a_trial_closes_it() {
        let breaker = Breaker::new("shop");
        (1..FAILURES).for_each(|_| fails(&breaker));
        breaker.attempt().unwrap().record(&Ok(()));
        (0..FAILURES).for_each(|_| fails(&breaker));
        assert!(breaker.attempt().is_err(), "open");
        for seconds in SECONDS {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            let abandoned = breaker.attempt().unwrap();
            assert!(breaker.attempt().is_err(), "one is tried at a time");
            drop(abandoned); // a failure, as nobody waits any longer
            assert!(breaker.attempt().is_err(), "open again, after {seconds} s");
        }
        tokio::time::advance(Duration::from_secs(30)).await;
        breaker.attempt().unwrap().record(&Ok(()));
        fails(&breaker);
        breaker.attempt().unwrap().record(&Ok(()));
    }
}
