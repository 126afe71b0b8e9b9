//! Log lines that anybody can cause: the first few of each cause as they are, the rest as a count.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Bounds how many lines of one cause are logged, so that no stranger fills the disk or hides what
/// matters.
///
/// A cause is a text of the program, never of a request, so there are few of them: one throttle for
/// each account or listener is bounded whatever arrives. Its owner logs a line when [`allows`] says
/// so, and what [`take_suppressed`] returns every [`WINDOW`] and when the process ends.
///
/// [`allows`]: Self::allows
/// [`take_suppressed`]: Self::take_suppressed
/// [`WINDOW`]: Self::WINDOW
#[derive(Debug, Default)]
pub struct LogThrottle {
    causes: Mutex<BTreeMap<&'static str, Recent>>,
}

/// What was logged of one cause lately.
#[derive(Debug)]
struct Recent {
    since: Instant,
    logged: u32,
    suppressed: u64,
}

/// Lines of one cause that were not logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppressed {
    /// What they were about.
    pub cause: &'static str,
    /// How many they were.
    pub lines: u64,
}

/// A log that suppresses lines.
pub(crate) trait SumUp {
    /// Logs how many lines were suppressed since the last time.
    fn sum_up(&self);
}

/// Sums up every [`LogThrottle::WINDOW`] for as long as there is a log.
pub(crate) async fn sum_up<L: SumUp>(log: Weak<L>) {
    loop {
        sleep(LogThrottle::WINDOW).await;
        let Some(log) = log.upgrade() else { return };
        log.sum_up();
    }
}

impl LogThrottle {
    /// Lines of one cause that are logged in a [`WINDOW`](Self::WINDOW).
    pub const LINES: u32 = 5;
    /// It begins with the first line of a cause.
    pub const WINDOW: Duration = Duration::from_secs(60);

    /// Whether a line of this cause may be logged now; it is counted where it may not.
    pub fn allows(&self, cause: &'static str, now: Instant) -> bool {
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = causes.entry(cause).or_insert(Recent::begun(now));
        if recent.is_over(now) {
            (recent.since, recent.logged) = (now, 0);
        }
        if recent.logged == Self::LINES {
            recent.suppressed += 1;
            return false;
        }
        recent.logged += 1;
        true
    }

    /// What was suppressed since the last call, by cause.
    pub fn take_suppressed(&self) -> Vec<Suppressed> {
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        let take = |(cause, recent): (&&'static str, &mut Recent)| Suppressed {
            cause,
            lines: std::mem::take(&mut recent.suppressed),
        };
        causes.iter_mut().map(take).filter(|suppressed| suppressed.lines > 0).collect()
    }
}

impl Recent {
    fn begun(now: Instant) -> Self {
        Self { since: now, logged: 0, suppressed: 0 }
    }

    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= LogThrottle::WINDOW
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// How many of these lines are logged now.
    fn logged(throttle: &LogThrottle, cause: &'static str, lines: u32) -> u32 {
        (0..lines).map(|_| u32::from(throttle.allows(cause, Instant::now()))).sum()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_lines_of_a_minute_are_logged_and_the_rest_counted() {
        let throttle = LogThrottle::default();
        for minute in 0..3 {
            assert_eq!(logged(&throttle, "signature", 71_680), 5, "minute {minute}");
            let suppressed = Suppressed { cause: "signature", lines: 71_675 };
            assert_eq!(throttle.take_suppressed(), [suppressed], "minute {minute}");
            advance(LogThrottle::WINDOW).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_begins_with_the_first_line() {
        let throttle = LogThrottle::default();
        assert_eq!(logged(&throttle, "signature", 4), 4);
        advance(LogThrottle::WINDOW - Duration::from_millis(1)).await;
        assert_eq!(logged(&throttle, "signature", 4), 1);
        advance(Duration::from_millis(1)).await;
        assert_eq!(logged(&throttle, "signature", 4), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_suppressed_is_handed_out_once_whenever_the_window_began() {
        let throttle = LogThrottle::default();
        logged(&throttle, "signature", 7);
        advance(LogThrottle::WINDOW).await;
        logged(&throttle, "signature", 8);
        assert_eq!(throttle.take_suppressed(), [Suppressed { cause: "signature", lines: 5 }]);
        assert_eq!(throttle.take_suppressed(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn one_cause_does_not_hide_another() {
        let throttle = LogThrottle::default();
        logged(&throttle, "signature", 1000);
        assert_eq!(logged(&throttle, "stale", 6), 5);
        let suppressed = throttle.take_suppressed();
        let suppressed: Vec<_> = suppressed.iter().map(|one| (one.cause, one.lines)).collect();
        assert_eq!(suppressed, [("signature", 995), ("stale", 1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn seldom_lines_are_all_logged() {
        let throttle = LogThrottle::default();
        for _ in 0..100 {
            assert_eq!(logged(&throttle, "signature", 1), 1);
            advance(LogThrottle::WINDOW / 5).await;
        }
        assert_eq!(throttle.take_suppressed(), []);
    }
}
