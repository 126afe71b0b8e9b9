//! The log of what goes wrong with late answers: in an outage that is the same for all of them, so
//! the first few are lines of their own, and the rest a count.

use tokio::time::Instant;
use wxbot_sdk::store::StoreError;

use super::item::OutboxItem;
use crate::log_throttle::{LogThrottle, SumUp, Suppressed};

const RETRIED: &str = "will try again to give late answers";
const GIVEN_UP: &str = "gave up late answers";
const UNWRITTEN: &str = "late answers are only in memory until the store takes them";

/// The log of all accounts' late answers.
#[derive(Default)]
pub(crate) struct LateLog {
    throttle: LogThrottle,
}

impl LateLog {
    pub(super) fn retried(&self, item: &OutboxItem, why: &str) {
        let (account, attempts) = (&*item.act.account, item.attempts);
        match self.allows(RETRIED) {
            true => tracing::warn!(account, why, attempts, "will try again"),
            false => tracing::debug!(account, why, attempts, "will try again"),
        }
    }

    pub(super) fn given_up(&self, item: &OutboxItem, why: &str) {
        let account = &*item.act.account;
        match self.allows(GIVEN_UP) {
            true => tracing::warn!(account, why, "gave up a late answer"),
            false => tracing::debug!(account, why, "gave up a late answer"),
        }
    }

    pub(super) fn unwritten(&self, error: &StoreError) {
        if self.allows(UNWRITTEN) {
            tracing::warn!(%error, "a late answer is only in memory until the store takes it");
        }
    }

    fn allows(&self, cause: &'static str) -> bool {
        self.throttle.allows(cause, Instant::now())
    }
}

impl SumUp for LateLog {
    fn sum_up(&self) {
        for Suppressed { cause, lines } in self.throttle.take_suppressed() {
            tracing::warn!(more = lines, "{cause}");
        }
    }
}

impl Drop for LateLog {
    fn drop(&mut self) {
        self.sum_up();
    }
}
