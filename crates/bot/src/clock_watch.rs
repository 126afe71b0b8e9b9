//! Notices when the machine's clock is set while the bot runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use wxbot_core::bot::Bot;

/// Between two looks at the clock.
const LOOK: Duration = Duration::from_secs(5);
/// What no clock that is merely kept right goes astray at once.
const TOLERANCE: u64 = 1000;
/// Who was not run for so long between two readings knows nothing about either.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Logs and counts each time the clock of this bot is set.
pub(crate) async fn log_jumps(bot: Arc<Bot>) {
    let jumped = |by: i64| {
        bot.metrics().clock_jumped();
        let seconds = by as f64 / 1000.0;
        tracing::warn!(seconds, "the clock jumped: signatures and late answers are timed by it");
    };
    watch(|| bot.clock().millis(), jumped).await;
}

/// Watches the clock forever, and reports each jump in milliseconds.
async fn watch(unix_millis: impl Fn() -> u64, jumped: impl Fn(i64)) {
    let mut watch = ClockWatch::new(unix_millis(), Instant::now());
    loop {
        sleep(LOOK).await;
        let now = Instant::now();
        let clock = unix_millis();
        if now.elapsed() < AT_ONCE
            && let Some(by) = watch.observe(clock, now)
        {
            jumped(by);
        }
    }
}

/// The machine's clock beside the monotonic one, which nobody can set.
struct ClockWatch {
    /// In milliseconds since 1970.
    clock: u64,
    at: Instant,
}

impl ClockWatch {
    fn new(clock: u64, at: Instant) -> Self {
        Self { clock, at }
    }

    /// By how many milliseconds the clock went astray since this began or it last did; many small
    /// steps count as the jump they add up to.
    fn observe(&mut self, clock: u64, now: Instant) -> Option<i64> {
        let elapsed = now.saturating_duration_since(self.at).as_millis();
        let expected = self.clock.saturating_add(u64::try_from(elapsed).unwrap_or(u64::MAX));
        if clock.abs_diff(expected) < TOLERANCE {
            return None;
        }
        *self = Self::new(clock, now);
        clock.checked_signed_diff(expected)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::time::timeout;
    use wxbot_sdk::clock::Clock;

    use super::*;

    const START: u64 = 1_735_689_600;
    const HOUR: Duration = Duration::from_secs(3600);

    /// What is noticed within an hour, when the clock is `set` so far at each look.
    async fn check(set: impl Fn(u32) -> i64, expected: &[i64]) {
        let (clock, offset) = (Clock::starting_at(START), Cell::new(0));
        let (looks, jumps) = (Cell::new(0), RefCell::new(Vec::new()));
        let unix_millis = || {
            offset.set(offset.get() + set(looks.replace(looks.get() + 1)));
            clock.millis().checked_add_signed(offset.get()).unwrap()
        };
        let watching = watch(unix_millis, |by| jumps.borrow_mut().push(by));
        assert!(timeout(HOUR, watching).await.is_err(), "it watches for ever");
        assert_eq!(jumps.into_inner(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_right_is_no_news() {
        check(|_| 0, &[]).await;
        check(|look| if look % 2 == 0 { 900 } else { -900 }, &[]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_is_noticed_once() {
        let two_days = 2 * 24 * 3_600_000;
        check(|look| if look == 7 { two_days } else { 0 }, &[two_days]).await;
        check(|look| if look == 7 { -3_600_000 } else { 0 }, &[-3_600_000]).await;
        let there_and_back = |look| match look {
            7 => two_days,
            19 => -two_days,
            _ => 0,
        };
        check(there_and_back, &[two_days, -two_days]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn many_small_steps_add_up() {
        check(|look| if (1..=5).contains(&look) { 400 } else { 0 }, &[1200]).await;
    }
}
