//! WeChat's clock: it hangs up 5 s after it began to deliver, and delivers up to three times
//! (protocol section 2.6).

use std::time::Duration;

use tokio::time::Instant;

use crate::late::settings::{HANGS_UP_AFTER, LateSettings};

/// By now WeChat must have left a delivery: whatever were answered would be lost.
const LEFT_AFTER: Duration = Duration::from_secs(6);
/// What a clock in whole seconds, and the network, may take from an age.
const SLACK: Duration = Duration::from_secs(1);

/// The time in which WeChat takes an answer to a message, over all its deliveries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    closes: Instant,
}

impl Window {
    /// Opens when the first delivery arrives.
    pub(crate) fn open(arrived: Instant, late: &LateSettings) -> Self {
        Self { closes: arrived + HANGS_UP_AFTER * (late.deliveries - 1) + late.window }
    }

    /// What is left of it; zero when it is over.
    pub(crate) fn remaining(self) -> Duration {
        self.closes.saturating_duration_since(Instant::now())
    }
}

/// One delivery of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery {
    pub(crate) arrived: Instant,
    /// The first is 1.
    pub(crate) count: u32,
    /// Since the follower acted: deliveries before this one may have been lost.
    pub(crate) age: Duration,
}

impl Delivery {
    /// Whether WeChat will not deliver the message again.
    pub(crate) fn is_last(&self, late: &LateSettings) -> bool {
        let before_the_last = HANGS_UP_AFTER * (late.deliveries - 1);
        self.count >= late.deliveries || self.age + SLACK >= before_the_last
    }

    /// Until when an answer is waited for: the last delivery is answered whatever happens, any
    /// other is left to WeChat, which delivers again.
    pub(crate) fn deadline(&self, late: &LateSettings) -> Instant {
        self.arrived + if self.is_last(late) { late.window } else { LEFT_AFTER }
    }

    /// Whether an answer that leaves now finds WeChat still there.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.arrived) < HANGS_UP_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(deliveries: u32, count: u32, age: f64, last: bool, why: &str) {
        let late = LateSettings { deliveries, ..LateSettings::default() };
        let age = Duration::from_secs_f64(age);
        let delivery = Delivery { arrived: Instant::now(), count, age };
        assert_eq!(delivery.is_last(&late), last, "{why}");
    }

    #[test]
    fn the_last_delivery_is_known_by_count_and_by_age() {
        check(3, 1, 0.2, false, "the first");
        check(3, 1, 1.9, false, "the first, after a slow network and a whole second");
        check(3, 2, 5.1, false, "the second");
        check(3, 1, 6.0, false, "the second; the first was lost");
        check(3, 3, 10.1, true, "the third");
        check(3, 2, 10.0, true, "the third; one was lost");
        check(3, 1, 10.3, true, "the third; two were lost");
        check(3, 3, 0.0, true, "three at once");
        check(1, 1, 0.0, true, "there is only one");
    }
}
