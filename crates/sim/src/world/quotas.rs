//! How often each call was made today, and how often it may be (sections 7.15 and 7.16).

use std::collections::BTreeMap;

use crate::calendar::{day, month};
use crate::errcode::ApiError;

/// Calls of `clear_quota` in a month.
const MAX_CLEARS: u64 = 10;

/// Counters by path, and limits that a test has set.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    limits: BTreeMap<String, u64>,
    calls: BTreeMap<&'static str, Counter>,
    clears: Counter,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    /// A day, or a month.
    period: u64,
    count: u64,
}

/// The quota of one call on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

impl Counter {
    fn in_period(self, period: u64) -> u64 {
        if self.period == period { self.count } else { 0 }
    }
}

impl Quotas {
    /// Replaces the documents' limit.
    pub(crate) fn set_limit(&mut self, path: &str, daily: u64) {
        self.limits.insert(path.to_owned(), daily);
    }

    /// Counts one call, or refuses it. `daily` is the documents' limit.
    pub(crate) fn count(
        &mut self,
        path: &'static str,
        daily: u64,
        now: u64,
    ) -> Result<(), ApiError> {
        let Quota { used, limit } = self.today(path, daily, now);
        if used >= limit {
            return Err(ApiError::code(45009));
        }
        self.calls.insert(path, Counter { period: day(now), count: used + 1 });
        Ok(())
    }

    /// `daily` is the documents' limit.
    pub(crate) fn today(&self, path: &str, daily: u64, now: u64) -> Quota {
        let limit = self.limits.get(path).copied().unwrap_or(daily);
        let used = self.calls.get(path).map_or(0, |calls| calls.in_period(day(now)));
        Quota { used, limit }
    }

    /// Resets one counter.
    pub(crate) fn clear_one(&mut self, path: &str) {
        self.calls.remove(path);
    }

    /// Resets all counters, ten times a month.
    pub(crate) fn clear(&mut self, now: u64) -> Result<(), ApiError> {
        let clears = self.clears.in_period(month(now));
        if clears == MAX_CLEARS {
            return Err(ApiError::code(48006));
        }
        self.clears = Counter { period: month(now), count: clears + 1 };
        self.calls.clear();
        Ok(())
    }
}
