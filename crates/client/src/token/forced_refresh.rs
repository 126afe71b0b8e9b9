//! The ration of refreshes that kill a token which may be alive (section 7.1), over all instances:
//! so many a day, and never two at once, or two programs with one account take each other's token
//! away until the day's calls are used up.

use std::cmp::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use wxbot_sdk::store::Record;

use super::shared::Shared;

const COUNT: &str = "forced";
const JUST_NOW: &str = "forced-just-now";
/// A second more than WeChat asks for, as its clock starts a bit later.
const APART: Duration = Duration::from_secs(31);
/// WeChat's day begins at midnight in China.
const CHINA: u64 = 8 * 3600;
const DAY: u64 = 86_400;

/// What this process knows of forced refreshes; the store knows of everybody's.
#[derive(Default)]
pub(super) struct ForcedRefreshes {
    count: ForcedCount,
    last: Option<Instant>,
}

/// How many there were on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ForcedCount {
    /// Days since 1970, in China.
    day: u64,
    count: u32,
}

impl Record for ForcedCount {
    const NAME: &'static str = "forced token refreshes";
    const VERSION: u32 = 1;
}

/// There was one just now; its TTL ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ForcedJustNow {}

impl Record for ForcedJustNow {
    const NAME: &'static str = "forced token refresh";
    const VERSION: u32 = 1;
}

impl ForcedRefreshes {
    /// Whether one may be made now; then it counts as made. Called under the lease.
    pub(super) async fn may_force(
        &mut self,
        a_day: u32,
        unix_seconds: u64,
        shared: &Shared,
    ) -> bool {
        let too_soon = self.last.is_some_and(|last| last.elapsed() < APART);
        if too_soon || shared.get::<ForcedJustNow>(JUST_NOW).await.is_some() {
            return false;
        }
        let count = self.count.and(shared.get(COUNT).await.unwrap_or_default());
        let Some(count) = count.one_more(a_day, unix_seconds) else { return false };
        shared.put(COUNT, &count, Duration::from_secs(DAY)).await;
        shared.put(JUST_NOW, &ForcedJustNow {}, APART).await;
        (self.count, self.last) = (count, Some(Instant::now()));
        true
    }
}

impl ForcedCount {
    /// One more at this time, if the day has one left.
    fn one_more(self, a_day: u32, unix_seconds: u64) -> Option<Self> {
        let day = (unix_seconds + CHINA) / DAY;
        let count = if self.day == day { self.count } else { 0 };
        (count < a_day).then_some(Self { day, count: count + 1 })
    }

    /// What two who counted know of it together.
    fn and(self, other: Self) -> Self {
        match self.day.cmp(&other.day) {
            Ordering::Less => other,
            Ordering::Greater => self,
            Ordering::Equal => Self { count: self.count.max(other.count), ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::store::record::{decode, encode};

    use super::*;

    const MIDNIGHT_IN_CHINA: u64 = 1_735_660_800; // 2025-01-01T00:00:00+08:00

    #[test]
    fn a_day_in_china_has_so_many_and_no_more() {
        let mut count = ForcedCount::default();
        for _ in 0..20 {
            count = count.one_more(20, MIDNIGHT_IN_CHINA).expect("one is left");
        }
        assert_eq!(count.one_more(20, MIDNIGHT_IN_CHINA + DAY - 1), None);
        assert_eq!(count.one_more(20, MIDNIGHT_IN_CHINA + DAY).map(|count| count.count), Some(1));
    }

    #[test]
    fn two_who_counted_differently_go_by_the_later_day_and_the_higher_count() {
        let count = |day, count| ForcedCount { day, count };
        assert_eq!(count(1, 20).and(count(2, 3)), count(2, 3));
        assert_eq!(count(2, 3).and(count(1, 20)), count(2, 3));
        assert_eq!(count(2, 3).and(count(2, 5)), count(2, 5));
    }

    #[test]
    fn a_count_that_was_stored_is_read_by_newer_code() {
        let golden = include_str!("../../tests/golden/forced-token-refreshes.1.json");
        let stored = ForcedCount { day: 20_089, count: 7 };
        assert_eq!(decode::<ForcedCount>(golden.as_bytes()).unwrap(), stored);
        assert_eq!(encode(&stored), golden.as_bytes());

        let golden = include_str!("../../tests/golden/forced-token-refresh.1.json");
        assert_eq!(decode::<ForcedJustNow>(golden.as_bytes()).unwrap(), ForcedJustNow {});
        assert_eq!(encode(&ForcedJustNow {}), golden.as_bytes());
    }
}
