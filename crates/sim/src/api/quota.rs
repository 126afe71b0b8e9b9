//! How often each call may be made in a day (sections 7.15 and 7.16).

use std::collections::BTreeMap;

use super::Refused;
use super::calls::Entry;

/// WeChat's days begin at midnight in China, 8 hours before those of Unix time.
const EAST: u64 = 8 * 3600;
const DAY: u64 = 86_400;
/// `clear_quota` in a month.
const CLEARED_A_MONTH: u64 = 10;

/// Counters by path, and limits that somebody set.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    limits: BTreeMap<String, u64>,
    used: BTreeMap<&'static str, Used>,
    cleared: Used,
}

#[derive(Debug, Clone, Copy, Default)]
struct Used {
    /// A day, or a month.
    period: u64,
    times: u64,
}

impl Used {
    fn in_period(self, period: u64) -> u64 {
        if self.period == period { self.times } else { 0 }
    }
}

impl Quotas {
    pub(crate) fn set(&mut self, path: &str, daily: u64) {
        self.limits.insert(path.to_owned(), daily);
    }

    /// Counts one call, or refuses it.
    pub(super) fn count(&mut self, entry: &Entry, now: u64) -> Result<(), Refused> {
        let (used, limit) = self.of(entry, now);
        if used >= limit {
            return Err(Refused::code(45009));
        }
        self.used.insert(entry.path, Used { period: day(now), times: used + 1 });
        Ok(())
    }

    /// How often it was called today, and how often it may be.
    pub(super) fn of(&self, entry: &Entry, now: u64) -> (u64, u64) {
        let limit = self.limits.get(entry.path).copied().unwrap_or(entry.daily);
        let used = self.used.get(entry.path).map_or(0, |used| used.in_period(day(now)));
        (used, limit)
    }

    /// All counters at zero, ten times a month.
    pub(super) fn clear(&mut self, now: u64) -> Result<(), Refused> {
        let times = self.cleared.in_period(month(now));
        if times == CLEARED_A_MONTH {
            return Err(Refused::code(48006));
        }
        self.cleared = Used { period: month(now), times: times + 1 };
        self.used.clear();
        Ok(())
    }
}

/// The number of the day, in China. `now` is in Unix milliseconds.
pub(super) fn day(now: u64) -> u64 {
    (now / 1000 + EAST) / DAY
}

/// The number of the month, in China: days are counted from 1 March of year 0, as leap days are
/// last then.
fn month(now: u64) -> u64 {
    let days = day(now) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    (era * 400 + year) * 12 + (5 * of_year + 2) / 153
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_begin_at_midnight_in_china() {
        let rows = [
            (1_735_660_799, 1_735_660_800, "31 December 2024, 24:00"),
            (1_740_758_399, 1_740_758_400, "28 February 2025, 24:00"),
            (1_709_222_399, 1_709_222_400, "29 February 2024, 24:00"),
        ];
        for (before, after, when) in rows {
            assert_eq!(day(before * 1000) + 1, day(after * 1000), "{when}");
            assert_eq!(month(before * 1000) + 1, month(after * 1000), "{when}");
        }
    }
}
