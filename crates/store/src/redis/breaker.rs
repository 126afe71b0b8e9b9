//! The breaker: a Redis that does not answer costs its time-out a few times, not at every message.

use std::time::{Duration, Instant};

/// Failures in a row, after which it is open.
const FAILURES: u32 = 3;
/// How long it is open: at first, and at most when probes keep failing.
const FIRST_REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Lets calls through or not, by how the ones before went.
#[derive(Debug)]
pub(super) enum Breaker {
    /// All calls are made.
    Closed {
        /// In a row.
        failures: u32,
    },
    /// No call is made until then.
    Open { until: Instant, rest: Duration },
    /// One call is on its way. If it is not heard of until then, another takes its place.
    Probing { until: Instant, rest: Duration },
}

/// The call is not to be made now; in this time one may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resting(pub(super) Duration);

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// Whether a call may be made. A call is heard of within `patience`, or never.
    pub(super) fn admit(&mut self, now: Instant, patience: Duration) -> Result<(), Resting> {
        match *self {
            Self::Closed { .. } => Ok(()),
            Self::Open { until, .. } | Self::Probing { until, .. } if now < until => {
                Err(Resting(until - now))
            }
            Self::Open { rest, .. } | Self::Probing { rest, .. } => {
                *self = Self::Probing { until: now + patience, rest };
                Ok(())
            }
        }
    }

    /// A call was answered.
    pub(super) fn passed(&mut self) {
        *self = Self::default();
    }

    /// A call was not answered; returns whether the breaker is open now.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        let open = |rest| Self::Open { until: now + rest, rest };
        *self = match *self {
            Self::Closed { failures } if failures + 1 < FAILURES => {
                Self::Closed { failures: failures + 1 }
            }
            Self::Closed { .. } => open(FIRST_REST),
            Self::Probing { rest, .. } => open((rest * 2).min(LONGEST_REST)),
            // The call began before it opened and says nothing new.
            Self::Open { until, rest } => Self::Open { until, rest },
        };
        !matches!(self, Self::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(450);
    const MS: Duration = Duration::from_millis(1);

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        assert_eq!([1, 2, 3].map(|_| breaker.failed(now)), [false, false, true]);
        breaker
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_a_success_between_does_not_count_them() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        breaker.failed(now);
        breaker.failed(now);
        breaker.passed();
        assert_eq!([1, 2, 3].map(|_| breaker.failed(now)), [false, false, true]);
        assert_eq!(breaker.admit(now, PATIENCE), Err(Resting(FIRST_REST)));
    }

    #[test]
    fn one_probe_at_a_time_closes_it() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        now += FIRST_REST;
        assert_eq!(breaker.admit(now, PATIENCE), Ok(()));
        assert_eq!(breaker.admit(now, PATIENCE), Err(Resting(PATIENCE)));
        breaker.passed();
        assert_eq!(breaker.admit(now, PATIENCE), Ok(()));
    }

    #[test]
    fn a_probe_that_fails_doubles_the_rest_up_to_five_seconds() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        for rest in [500, 1000, 2000, 4000, 5000, 5000].map(Duration::from_millis) {
            assert_eq!(breaker.admit(now, PATIENCE), Err(Resting(rest)));
            now += rest;
            assert_eq!(breaker.admit(now, PATIENCE), Ok(()));
            assert!(breaker.failed(now));
        }
    }

    #[test]
    fn late_failures_of_older_calls_do_not_make_the_rest_longer() {
        let now = Instant::now();
        let mut breaker = opened(now);
        breaker.failed(now + MS);
        assert_eq!(breaker.admit(now, PATIENCE), Err(Resting(FIRST_REST)));
    }

    #[test]
    fn a_probe_that_is_never_heard_of_is_replaced() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        now += FIRST_REST;
        assert_eq!(breaker.admit(now, PATIENCE), Ok(()));
        now += PATIENCE;
        assert_eq!(breaker.admit(now, PATIENCE), Ok(()));
    }
}
