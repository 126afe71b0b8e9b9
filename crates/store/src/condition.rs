//! How a store is doing, for `/readyz`, metrics and the log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Health;

/// Good or degraded. The log has a line at the beginning of a trouble and one at its end.
pub(crate) struct Condition {
    /// The store's URL, without a password.
    store: String,
    clock: Clock,
    /// The parts in `troubles`, for the many calls that find nothing to change.
    degraded: AtomicU8,
    troubles: Mutex<BTreeMap<Part, Trouble>>,
}

/// What fails and recovers by itself: that reads go well says nothing about writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Reads = 1,
    Writes = 2,
    /// Something that was stored was altered, or put where it does not belong: that lasts until
    /// somebody has seen to it.
    Data = 4,
}

struct Trouble {
    /// Unix milliseconds.
    since: u64,
    why: String,
}

impl Condition {
    pub(crate) fn new(store: String, clock: Clock) -> Self {
        Self { store, clock, degraded: AtomicU8::new(0), troubles: Mutex::default() }
    }

    /// Degraded by whatever failed first and has not recovered.
    pub(crate) fn health(&self) -> Health {
        let troubles = self.lock();
        let Some(first) = troubles.values().min_by_key(|trouble| trouble.since) else {
            return Health::Good;
        };
        Health::Degraded { since: first.since, why: first.why.clone() }
    }

    pub(crate) fn is_degraded(&self, part: Part) -> bool {
        self.degraded.load(Ordering::Acquire) & part as u8 != 0
    }

    /// A call did what it should.
    pub(crate) fn good(&self, part: Part) {
        if !self.is_degraded(part) {
            return;
        }
        let mut troubles = self.lock();
        let Some(trouble) = troubles.remove(&part) else { return };
        self.degraded.fetch_and(!(part as u8), Ordering::Release);
        if troubles.is_empty() {
            let lasted_s = self.clock.millis().saturating_sub(trouble.since) / 1000;
            tracing::info!(store = self.store, lasted_s, "the store works again");
        }
    }

    /// Calls fail. The first reason is kept as long as the trouble lasts.
    pub(crate) fn degraded(&self, part: Part, why: &str) {
        if self.is_degraded(part) {
            return;
        }
        let mut troubles = self.lock();
        if troubles.is_empty() {
            tracing::error!(store = self.store, error = why, "the store is degraded");
        }
        let since = self.clock.millis();
        troubles.entry(part).or_insert_with(|| Trouble { since, why: why.to_owned() });
        self.degraded.fetch_or(part as u8, Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Part, Trouble>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use tracing::callsite::rebuild_interest_cache;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    fn condition() -> Condition {
        Condition::new("memory:".into(), Clock::starting_at(1_735_689_600))
    }

    fn degraded(since: u64, why: &str) -> Health {
        Health::Degraded { since, why: why.into() }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_reason_stays_until_a_call_is_good() {
        let condition = condition();
        assert_eq!(condition.health(), Health::Good);
        condition.degraded(Part::Writes, "disk full");
        tokio::time::advance(Duration::from_secs(1)).await;
        condition.degraded(Part::Writes, "still full");
        assert_eq!(condition.health(), degraded(1_735_689_600_000, "disk full"));
        condition.good(Part::Writes);
        assert_eq!(condition.health(), Health::Good);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_works_says_nothing_about_another() {
        let condition = condition();
        condition.degraded(Part::Writes, "disk full");
        tokio::time::advance(Duration::from_secs(1)).await;
        condition.degraded(Part::Reads, "disk gone");
        condition.good(Part::Writes);
        assert_eq!(condition.health(), degraded(1_735_689_601_000, "disk gone"));
        assert!(condition.is_degraded(Part::Reads) && !condition.is_degraded(Part::Writes));
        condition.good(Part::Reads);
        assert_eq!(condition.health(), Health::Good);
    }

    thread_local! {
        static LINES: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts lines of the log, for each thread its own.
    struct Lines;

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn event(&self, _: &Event<'_>) {
            LINES.set(LINES.get() + 1);
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn a_trouble_is_two_lines_of_the_log_however_long_it_lasts() {
        // For all threads: what another one logs first would be nobody's business from then on.
        tracing::subscriber::set_global_default(Lines).unwrap();
        rebuild_interest_cache();
        let condition = condition();
        for _ in 0..100 {
            condition.degraded(Part::Writes, "disk full");
            condition.degraded(Part::Reads, "disk full");
        }
        assert_eq!(LINES.get(), 1);
        condition.good(Part::Reads);
        condition.degraded(Part::Reads, "disk full");
        assert_eq!(LINES.get(), 1, "it goes on");
        for _ in 0..100 {
            condition.good(Part::Reads);
            condition.good(Part::Writes);
        }
        assert_eq!(LINES.get(), 2);
    }
}
