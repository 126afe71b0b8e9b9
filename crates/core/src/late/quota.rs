//! How many customer-service messages a follower may still be sent (the table in protocol section
//! 7.3), so that a call that would fail is not made.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entry::Allowance;
use crate::store::Store;

/// What was sent since a follower's act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// The act, in Unix seconds.
    since: u64,
    allows: Allowance,
    messages: u32,
}

impl Sent {
    fn ends(&self) -> u64 {
        self.since + self.allows.seconds
    }

    fn left(&self, now: u64) -> u32 {
        if now >= self.ends() { 0 } else { self.allows.messages.saturating_sub(self.messages) }
    }

    /// The better one for the follower: a new act begins a new count.
    fn or_newer(self, since: u64, allows: Allowance, now: u64) -> Self {
        let other = Self { since, allows, messages: 0 };
        if since > self.since && other.left(now) > self.left(now) { other } else { self }
    }
}

/// The counts of all followers. A store in trouble is no reason not to send.
pub(crate) struct Quotas {
    store: Arc<dyn Store>,
}

impl Quotas {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// How many messages may be sent now (Unix seconds), given this act of the follower.
    pub(crate) async fn left(
        &self,
        account: &str,
        openid: &str,
        act: (u64, Allowance),
        now: u64,
    ) -> u32 {
        self.sent(account, openid, act, now).await.left(now)
    }

    /// Counts a message that was sent.
    pub(crate) async fn count(&self, account: &str, openid: &str, act: (u64, Allowance), now: u64) {
        let mut sent = self.sent(account, openid, act, now).await;
        sent.messages += 1;
        let ttl = Duration::from_secs(sent.ends().saturating_sub(now).max(1));
        let value = serde_json::to_vec(&sent).expect("numbers are JSON");
        if let Err(error) = self.store.put(&key(account, openid), value, ttl).await {
            tracing::debug!(%error, "a customer-service message could not be counted");
        }
    }

    /// WeChat says that there is nothing left: until the follower's next act, nothing is sent.
    pub(crate) async fn used_up(
        &self,
        account: &str,
        openid: &str,
        act: (u64, Allowance),
        now: u64,
    ) {
        let mut sent = self.sent(account, openid, act, now).await;
        sent.messages = sent.allows.messages;
        let ttl = Duration::from_secs(sent.ends().saturating_sub(now).max(1));
        let value = serde_json::to_vec(&sent).expect("numbers are JSON");
        let _ = self.store.put(&key(account, openid), value, ttl).await;
    }

    async fn sent(
        &self,
        account: &str,
        openid: &str,
        (since, allows): (u64, Allowance),
        now: u64,
    ) -> Sent {
        let first = Sent { since, allows, messages: 0 };
        let found = self.store.get(&key(account, openid)).await.ok().flatten();
        let found = found.and_then(|value| serde_json::from_slice::<Sent>(&value).ok());
        found.map_or(first, |sent| sent.or_newer(since, allows, now))
    }
}

fn key(account: &str, openid: &str) -> String {
    format!("quota/{}:{account}/{openid}", account.len())
}
