//! How a store is doing, for `/readyz`, metrics and the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Health;

/// Good or degraded, told to the log once for each change.
pub(crate) struct Condition {
    /// The store's URL, without a password.
    store: String,
    clock: Clock,
    /// The same as `health`, for the many calls that find nothing to change.
    is_degraded: AtomicBool,
    health: Mutex<Health>,
}

impl Condition {
    pub(crate) fn new(store: String, clock: Clock) -> Self {
        let health = Mutex::new(Health::Good);
        Self { store, clock, is_degraded: AtomicBool::new(false), health }
    }

    pub(crate) fn health(&self) -> Health {
        self.lock().clone()
    }

    /// A call did what it should.
    pub(crate) fn good(&self) {
        if !self.is_degraded.load(Ordering::Acquire) {
            return;
        }
        let Health::Degraded { since, .. } = self.change(Health::Good) else { return };
        let lasted_s = self.clock.millis().saturating_sub(since) / 1000;
        tracing::info!(store = self.store, lasted_s, "the store works again");
    }

    /// Calls fail. The first reason is kept as long as the trouble lasts.
    pub(crate) fn degraded(&self, why: &str) {
        if self.is_degraded.load(Ordering::Acquire) {
            return;
        }
        let since = self.clock.millis();
        let before = self.change(Health::Degraded { since, why: why.to_owned() });
        if before == Health::Good {
            tracing::error!(store = self.store, error = why, "the store is degraded");
        }
    }

    fn change(&self, health: Health) -> Health {
        let mut now = self.lock();
        self.is_degraded.store(health != Health::Good, Ordering::Release);
        std::mem::replace(&mut now, health)
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_reason_stays_until_a_call_is_good() {
        let condition = Condition::new("memory:".into(), Clock::starting_at(1_735_689_600));
        assert_eq!(condition.health(), Health::Good);
        condition.degraded("disk full");
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        condition.degraded("still full");
        let first = Health::Degraded { since: 1_735_689_600_000, why: "disk full".into() };
        assert_eq!(condition.health(), first);
        condition.good();
        assert_eq!(condition.health(), Health::Good);
    }
}
