//! How many customer-service messages a follower may get, and until when (section 7.3).

use crate::act::Opens;

const MINUTE: u64 = 60_000;
const TWO_DAYS: u64 = 48 * 60 * MINUTE;

/// What the follower's acts allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Allowance {
    left: u32,
    /// Unix milliseconds; the window is closed from then on.
    until: u64,
}

/// Why there is no message to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// 45015.
    Time,
    /// 45047.
    Count,
}

impl Allowance {
    /// After an act, the better of what was left and of what the act gives.
    pub(crate) fn open(&mut self, by: Opens, now: u64) {
        let (messages, lasts) = match by {
            Opens::Message => (5, TWO_DAYS),
            Opens::Touch => (3, MINUTE),
            Opens::Payment => (u32::MAX, TWO_DAYS),
            Opens::Nothing => return,
        };
        let before = if now < self.until { *self } else { Self::default() };
        *self = Self { left: before.left.max(messages), until: before.until.max(now + lasts) };
    }

    /// Whether there is one.
    pub(crate) fn check(&self, now: u64) -> Result<(), Exhausted> {
        match (now < self.until, self.left) {
            (false, _) => Err(Exhausted::Time),
            (true, 0) => Err(Exhausted::Count),
            (true, _) => Ok(()),
        }
    }

    /// Takes one that was checked.
    pub(crate) fn spend(&mut self) {
        if self.left < u32::MAX {
            self.left = self.left.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many messages go through, and what stops the next one.
    #[track_caller]
    fn check(acts: &[(Opens, u64)], at: u64, messages: usize, stopped: Exhausted) {
        let mut allowance = Allowance::default();
        acts.iter().for_each(|(act, at)| allowance.open(*act, *at));
        let sent = (0..20).take_while(|_| {
            let allowed = allowance.check(at).is_ok();
            allowance.spend();
            allowed
        });
        assert_eq!(sent.count(), messages);
        assert_eq!(allowance.check(at), Err(stopped));
    }

    #[test]
    fn a_message_allows_five_within_48_hours() {
        check(&[(Opens::Message, 0)], TWO_DAYS - 1, 5, Exhausted::Count);
        check(&[(Opens::Message, 0)], TWO_DAYS, 0, Exhausted::Time);
    }

    #[test]
    fn a_touch_allows_three_within_a_minute() {
        check(&[(Opens::Touch, 0)], MINUTE - 1, 3, Exhausted::Count);
        check(&[(Opens::Touch, 0)], MINUTE, 0, Exhausted::Time);
    }

    #[test]
    fn nothing_allows_nothing() {
        check(&[(Opens::Nothing, 0)], 0, 0, Exhausted::Time);
    }

    #[test]
    fn the_better_of_two_acts_counts() {
        check(&[(Opens::Message, 0), (Opens::Touch, 10)], MINUTE * 5, 5, Exhausted::Count);
        check(&[(Opens::Touch, 0), (Opens::Message, 10)], MINUTE * 5, 5, Exhausted::Count);
        check(&[(Opens::Message, 0), (Opens::Touch, TWO_DAYS)], TWO_DAYS, 3, Exhausted::Count);
    }

    #[test]
    fn a_payment_allows_any_number() {
        let mut allowance = Allowance::default();
        allowance.open(Opens::Payment, 0);
        for _ in 0..1000 {
            assert_eq!(allowance.check(TWO_DAYS - 1), Ok(()));
            allowance.spend();
        }
    }
}
