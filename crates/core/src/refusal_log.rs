//! The log of what anybody can cause: refused requests, handshakes, messages that are turned away.

use std::sync::Arc;

use tokio::time::Instant;

use crate::journal::{AccountTag, JournalEvent, Observer};
use crate::log_throttle::{LogThrottle, SumUp, Suppressed};
use crate::receive::refusal::Refusal;

const HANDSHAKE: &str = "handshake";
const TURNED_AWAY: &str = "turned away";

/// Logs the first of each cause as they are, and the rest as a count: once a minute, and when the bot
/// is dropped.
pub(crate) struct RefusalLog {
    /// One for each account, by its place.
    accounts: Vec<(Arc<str>, LogThrottle)>,
}

impl RefusalLog {
    pub(crate) fn new(accounts: impl Iterator<Item = Arc<str>>) -> Arc<Self> {
        let accounts = accounts.map(|id| (id, LogThrottle::default())).collect();
        Arc::new(Self { accounts })
    }

    /// What is too much for a warning is still there at the `debug` level.
    fn refused(&self, account: &AccountTag, refusal: &Refusal) {
        let (account, throttle) = &self.accounts[account.place];
        let (account, cause) = (&**account, refusal.cause());
        if throttle.allows(cause, Instant::now()) {
            tracing::warn!(account, cause, reason = %refusal, "refused a request");
        } else {
            tracing::debug!(account, cause, reason = %refusal, "refused a request");
        }
    }

    /// A signed query can be used again for some minutes, by whoever has seen one.
    fn verified(&self, account: &AccountTag) {
        let (account, throttle) = &self.accounts[account.place];
        if throttle.allows(HANDSHAKE, Instant::now()) {
            tracing::info!(account = &**account, "WeChat verified this address");
        }
    }

    fn turned_away(&self, account: &AccountTag) {
        let (account, throttle) = &self.accounts[account.place];
        if throttle.allows(TURNED_AWAY, Instant::now()) {
            tracing::warn!(account = &**account, "too many messages wait");
        }
    }
}

impl SumUp for RefusalLog {
    fn sum_up(&self) {
        for (account, throttle) in &self.accounts {
            for Suppressed { cause, lines } in throttle.take_suppressed() {
                let account = &**account;
                match cause {
                    HANDSHAKE => {
                        tracing::info!(
                            account,
                            times = lines,
                            "WeChat verified this address again"
                        );
                    }
                    TURNED_AWAY => tracing::warn!(account, messages = lines, "more messages wait"),
                    _ => tracing::warn!(account, cause, requests = lines, "refused more requests"),
                }
            }
        }
    }
}

impl Observer for RefusalLog {
    fn observe(&self, event: &JournalEvent<'_>) {
        match event {
            JournalEvent::Refused { account, refusal } => self.refused(account, refusal),
            JournalEvent::Verified { account } => self.verified(account),
            JournalEvent::TurnedAway { account } => self.turned_away(account),
            _ => {}
        }
    }
}

impl Drop for RefusalLog {
    fn drop(&mut self) {
        self.sum_up();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;
    use crate::captured_log::CapturedLog;
    use crate::log_throttle::sum_up;

    #[tokio::test(start_paused = true)]
    async fn whoever_repeats_a_handshake_or_says_too_much_is_a_few_lines() {
        let (written, _capturing) = CapturedLog::start();
        let account = AccountTag { place: 0, id: "main".into() };
        let log = RefusalLog::new(std::iter::once(account.id.clone()));
        for _ in 0..1000 {
            log.observe(&JournalEvent::Verified { account: &account });
            log.observe(&JournalEvent::TurnedAway { account: &account });
        }
        drop(log);
        let text = written.text();
        assert_eq!(text.lines().count(), 12, "{text}");
        assert!(text.contains("verified this address again account=\"main\" times=995"), "{text}");
        assert!(text.contains("more messages wait account=\"main\" messages=995"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_suppressed_is_summed_up_every_minute_and_at_the_end() {
        let (written, _capturing) = CapturedLog::start();
        let account = AccountTag { place: 0, id: "main".into() };
        let log = RefusalLog::new(std::iter::once(account.id.clone()));
        tokio::spawn(sum_up(Arc::downgrade(&log)));

        (0..7).for_each(|_| log.refused(&account, &Refusal::Reused));
        assert_eq!(written.text().matches("refused a request").count(), 5);
        sleep(LogThrottle::WINDOW * 3).await;
        assert_eq!(written.text().matches("refused more requests").count(), 1, "not each minute");
        assert!(written.text().contains(r#"cause="reused" requests=2"#), "{}", written.text());

        (0..12).for_each(|_| log.refused(&account, &Refusal::Reused));
        drop(log);
        assert!(written.text().contains(r#"cause="reused" requests=7"#), "{}", written.text());
    }
}
