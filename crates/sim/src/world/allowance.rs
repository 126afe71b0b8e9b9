//! How many customer-service messages a follower may be sent, and until when (section 7.3).

use crate::act::Act;

const MINUTE: u64 = 60_000;
const TWO_DAYS: u64 = 48 * 60 * MINUTE;

/// How an act counts for customer-service messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interaction {
    /// Allows 5 messages within 48 hours.
    Message,
    /// Menu buttons, menu items, following, scanning: allows 3 within a minute.
    Tap,
    /// Allows any number within 48 hours.
    Payment,
    /// Allows none.
    Other,
}

impl From<&Act> for Interaction {
    fn from(act: &Act) -> Self {
        match act {
            Act::Text(_)
            | Act::TextOnArticle { .. }
            | Act::Image { .. }
            | Act::Voice { .. }
            | Act::Video { .. }
            | Act::ShortVideo { .. }
            | Act::Location { .. }
            | Act::Link { .. }
            | Act::File { .. }
            | Act::MiniProgramPage { .. } => Self::Message,
            Act::MenuItem { .. } | Act::Click(_) => Self::Tap,
            Act::ScanCodePush(_) | Act::ScanCodeWait(_) => Self::Tap,
            Act::Subscribe | Act::Scan { .. } | Act::ScanScene { .. } => Self::Tap,
            Act::Pay { .. } => Self::Payment,
            _ => Self::Other,
        }
    }
}

/// The customer-service messages that are left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Allowance {
    left: u32,
    /// The end of the window, in Unix milliseconds.
    until: u64,
}

/// Why no message may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// The window is closed: 45015.
    Time,
    /// All messages of the window were sent: 45047.
    Count,
}

impl Allowance {
    /// Extends the allowance after an interaction; what is left of a better one stays.
    pub(crate) fn extend(&mut self, by: Interaction, now: u64) {
        let (messages, lasts) = match by {
            Interaction::Message => (5, TWO_DAYS),
            Interaction::Tap => (3, MINUTE),
            Interaction::Payment => (u32::MAX, TWO_DAYS),
            Interaction::Other => return,
        };
        let before = if now < self.until { *self } else { Self::default() };
        *self = Self { left: before.left.max(messages), until: before.until.max(now + lasts) };
    }

    /// Refuses when no message may be sent.
    pub(crate) fn check(&self, now: u64) -> Result<(), Exhausted> {
        match (now < self.until, self.left) {
            (false, _) => Err(Exhausted::Time),
            (true, 0) => Err(Exhausted::Count),
            (true, _) => Ok(()),
        }
    }

    /// Counts a message that was sent.
    pub(crate) fn use_one(&mut self) {
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
    fn check(acts: &[(Interaction, u64)], at: u64, messages: usize, stopped: Exhausted) {
        let mut allowance = Allowance::default();
        acts.iter().for_each(|(act, at)| allowance.extend(*act, *at));
        let sent = (0..20).take_while(|_| {
            let allowed = allowance.check(at).is_ok();
            allowance.use_one();
            allowed
        });
        assert_eq!(sent.count(), messages);
        assert_eq!(allowance.check(at), Err(stopped));
    }

    #[test]
    fn a_message_allows_five_within_48_hours() {
        check(&[(Interaction::Message, 0)], TWO_DAYS - 1, 5, Exhausted::Count);
        check(&[(Interaction::Message, 0)], TWO_DAYS, 0, Exhausted::Time);
    }

    #[test]
    fn a_tap_allows_three_within_a_minute() {
        check(&[(Interaction::Tap, 0)], MINUTE - 1, 3, Exhausted::Count);
        check(&[(Interaction::Tap, 0)], MINUTE, 0, Exhausted::Time);
    }

    #[test]
    fn another_act_allows_nothing() {
        check(&[(Interaction::Other, 0)], 0, 0, Exhausted::Time);
    }

    #[test]
    fn the_better_of_two_acts_counts() {
        check(
            &[(Interaction::Message, 0), (Interaction::Tap, 10)],
            MINUTE * 5,
            5,
            Exhausted::Count,
        );
        check(
            &[(Interaction::Tap, 0), (Interaction::Message, 10)],
            MINUTE * 5,
            5,
            Exhausted::Count,
        );
        check(
            &[(Interaction::Message, 0), (Interaction::Tap, TWO_DAYS)],
            TWO_DAYS,
            3,
            Exhausted::Count,
        );
    }

    #[test]
    fn a_payment_allows_any_number() {
        let mut allowance = Allowance::default();
        allowance.extend(Interaction::Payment, 0);
        for _ in 0..1000 {
            assert_eq!(allowance.check(TWO_DAYS - 1), Ok(()));
            allowance.use_one();
        }
    }
}
