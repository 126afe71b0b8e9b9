//! Days and months in China, where WeChat resets its quotas at midnight.

/// China's time zone, in seconds.
const UTC_OFFSET: u64 = 8 * 3600;
const DAY: u64 = 86_400;

/// The number of a day. `now` is in Unix milliseconds.
pub(crate) fn day(now: u64) -> u64 {
    (now / 1000 + UTC_OFFSET) / DAY
}

/// The number of a month. `now` is in Unix milliseconds.
pub(crate) fn month(now: u64) -> u64 {
    // Counted from 1 March of year 0, so that leap days come last in their year.
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
