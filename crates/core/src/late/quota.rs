//! How many customer-service messages a follower may still be sent (the table in protocol section
//! 7.3), so that a call that would fail is not made.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::store::record::{Record, decode, encode};
use wxbot_sdk::store::{Store, keys};

use super::act::{Allowance, FollowerAct};

/// Customer-service messages that were sent since a follower's act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// The act, in Unix seconds.
    since: u64,
    allows: Allowance,
    messages: u32,
}

impl Record for Sent {
    const NAME: &'static str = "quota";
    const VERSION: u32 = 1;
}

impl Sent {
    fn ends(&self) -> u64 {
        self.since + self.allows.seconds
    }

    fn left(&self, now: u64) -> u32 {
        if now >= self.ends() { 0 } else { self.allows.messages.saturating_sub(self.messages) }
    }

    /// Of two counts the one better for the follower: a new act begins a new count.
    fn or_newer(self, since: u64, allows: Allowance, now: u64) -> Self {
        let other = Self { since, allows, messages: 0 };
        if since > self.since && other.left(now) > self.left(now) { other } else { self }
    }
}

/// The counts of all followers. A failing store is no reason not to send.
pub(crate) struct Quotas {
    store: Arc<dyn Store>,
}

impl Quotas {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// How many messages may be sent now (Unix seconds), given the last act of the follower.
    pub(crate) async fn left(&self, act: &FollowerAct, now: u64) -> u32 {
        self.sent(act, now).await.left(now)
    }

    /// Counts a message that was sent.
    pub(crate) async fn count(&self, act: &FollowerAct, now: u64) {
        let sent = self.sent(act, now).await;
        self.note(&key(act), Sent { messages: sent.messages + 1, ..sent }, now).await;
    }

    /// Counts a message that answered nothing, so that fewer answers are sent. When the follower last
    /// acted is not known then.
    pub(crate) async fn count_first(&self, account: &str, openid: &str, now: u64) {
        let key = keys::quota(account, openid);
        let sent = self.in_force(&key, now).await;
        self.note(&key, Sent { messages: sent.messages + 1, ..sent }, now).await;
    }

    /// WeChat says so of a message that answered nothing.
    pub(crate) async fn used_up_first(&self, account: &str, openid: &str, now: u64) {
        let key = keys::quota(account, openid);
        let sent = self.in_force(&key, now).await;
        self.note(&key, Sent { messages: sent.allows.messages, ..sent }, now).await;
    }

    /// WeChat says that there is nothing left: until the follower's next act, nothing is sent.
    pub(crate) async fn used_up(&self, act: &FollowerAct, now: u64) {
        let sent = self.sent(act, now).await;
        self.note(&key(act), Sent { messages: sent.allows.messages, ..sent }, now).await;
    }

    async fn note(&self, key: &str, sent: Sent, now: u64) {
        let ttl = Duration::from_secs(sent.ends().saturating_sub(now).max(1));
        if let Err(error) = self.store.put(key, encode(&sent), ttl).await {
            tracing::debug!(%error, "a customer-service message was not counted");
        }
    }

    async fn sent(&self, act: &FollowerAct, now: u64) -> Sent {
        let first = Sent { since: act.at, allows: act.allows, messages: 0 };
        let found = self.found(&key(act)).await;
        found.map_or(first, |sent| sent.or_newer(act.at, act.allows, now))
    }

    /// What counts now where no act is known; then the follower is taken to have written just now.
    async fn in_force(&self, key: &str, now: u64) -> Sent {
        let wrote = Sent { since: now, allows: Allowance::WROTE, messages: 0 };
        self.found(key).await.filter(|sent| now < sent.ends()).unwrap_or(wrote)
    }

    async fn found(&self, key: &str) -> Option<Sent> {
        let found = self.store.get(key).await.ok().flatten()?;
        decode::<Sent>(&found).ok()
    }
}

fn key(act: &FollowerAct) -> String {
    keys::quota(&act.account, &act.openid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    const WROTE: Allowance = Allowance { messages: 5, seconds: 48 * 3600 };
    const ACTED: Allowance = Allowance { messages: 3, seconds: 60 };

    #[test]
    fn a_count_has_a_golden_file() {
        let sent = Sent { since: 1_735_689_600, allows: WROTE, messages: 3 };
        golden::check("quota.1.json", &sent);
    }

    #[test]
    fn a_new_act_counts_anew_where_that_is_better() {
        let sent = Sent { since: 1000, allows: WROTE, messages: 4 };
        assert_eq!(sent.left(1000), 1);
        assert_eq!(sent.left(1000 + 48 * 3600), 0, "its time is over");
        assert_eq!(sent.or_newer(2000, WROTE, 2000).left(2000), 5);
        assert_eq!(sent.or_newer(2000, ACTED, 2000).left(2000), 3);
        assert_eq!(sent.or_newer(500, WROTE, 2000).left(2000), 1, "an older act changes nothing");
        let fresh = Sent { messages: 0, ..sent };
        assert_eq!(fresh.or_newer(2000, ACTED, 2000).left(2000), 5, "the better one stays");
    }
}
