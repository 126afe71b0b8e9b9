//! The ration of renewals that kill a token which may be alive (section 7.1), over all instances:
//! so many a day, and never two at once, or two programs with one account take each other's token
//! away until the day's calls are used up.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::shared::Shared;

/// A second more than WeChat asks for, as its clock starts a bit later.
pub(super) const APART: Duration = Duration::from_secs(31);
/// WeChat's day begins at midnight in China.
const CHINA: u64 = 8 * 3600;
const DAY: u64 = 86_400;

/// What this process knows of forced renewals; the store knows of everybody's.
#[derive(Default)]
pub(super) struct Forced {
    used: Used,
    last: Option<Instant>,
}

/// How many there were on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Used {
    day: u64,
    count: u32,
}

impl Used {
    /// One more at this time, if the day has one left.
    fn one_more(self, a_day: u32, unix_seconds: u64) -> Option<Self> {
        let day = (unix_seconds + CHINA) / DAY;
        let count = if self.day == day { self.count } else { 0 };
        (count < a_day).then_some(Self { day, count: count + 1 })
    }

    /// What is known of it by two.
    fn and(self, other: Self) -> Self {
        match self.day.cmp(&other.day) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => Self { count: self.count.max(other.count), ..self },
        }
    }
}

impl Forced {
    /// Whether one may be made now; then it counts as made. Called under the lease.
    pub(super) async fn may(&mut self, a_day: u32, shared: &Shared) -> bool {
        let too_soon = self.last.is_some_and(|last| last.elapsed() < APART);
        if too_soon || shared.forced_just_now().await {
            return false;
        }
        let used = self.used.and(shared.forced().await.unwrap_or_default());
        let Some(used) = used.one_more(a_day, shared.seconds()) else { return false };
        shared.show_forced(used).await;
        (self.used, self.last) = (used, Some(Instant::now()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT_IN_CHINA: u64 = 1_735_660_800; // 2025-01-01T00:00:00+08:00

    #[test]
    fn a_day_in_china_has_so_many_and_no_more() {
        let mut used = Used::default();
        for _ in 0..20 {
            used = used.one_more(20, MIDNIGHT_IN_CHINA).expect("one is left");
        }
        assert_eq!(used.one_more(20, MIDNIGHT_IN_CHINA + DAY - 1), None);
        assert_eq!(used.one_more(20, MIDNIGHT_IN_CHINA + DAY).map(|used| used.count), Some(1));
    }

    #[test]
    fn two_who_counted_differently_go_by_the_later_day_and_the_higher_count() {
        let used = |day, count| Used { day, count };
        assert_eq!(used(1, 20).and(used(2, 3)), used(2, 3));
        assert_eq!(used(2, 3).and(used(1, 20)), used(2, 3));
        assert_eq!(used(2, 3).and(used(2, 5)), used(2, 5));
    }
}
