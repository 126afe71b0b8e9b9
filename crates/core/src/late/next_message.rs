//! Answers that wait for a follower's next message: given for the pull keyword, or with the next
//! answer, never in place of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::record::{Record, decode};
use wxbot_sdk::store::{Change, Reach, Store, StoreError, keys, update};

use super::act::FollowerAct;

/// Answers that wait for one follower; beyond them the oldest is given up.
const MAX_WAITING: usize = 16;

/// An answer that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NextMessage {
    /// The message's, so that it waits once.
    pub(crate) id: String,
    /// The start of what was asked.
    pub(crate) question: String,
    pub(crate) parts: Vec<Reply>,
    /// It is given up then, in Unix milliseconds.
    pub(crate) until: u64,
    /// Set while it is being sent: the follower is not given it meanwhile.
    #[serde(default)]
    pub(crate) is_being_sent: bool,
}

/// What waits for one follower, the oldest first.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting(Vec<NextMessage>);

impl Record for Waiting {
    const NAME: &'static str = "next messages";
    const VERSION: u32 = 1;
}

impl Waiting {
    fn at(mut self, now: u64) -> Self {
        self.0.retain(|answer| answer.until > now);
        self
    }

    fn into_change(self, now: u64) -> Change<Self> {
        match self.0.iter().map(|answer| answer.until).max() {
            Some(until) => Change::Put(self, Duration::from_millis(until.saturating_sub(now))),
            None => Change::Remove,
        }
    }
}

/// The answers that wait, of all followers.
pub(crate) struct NextMessages {
    store: Arc<dyn Store>,
    /// Whether anything may wait at all; always set where others share the store.
    is_used: AtomicBool,
}

impl NextMessages {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let is_used = AtomicBool::new(store.reach() != Reach::Process);
        Self { store, is_used }
    }

    /// Whether nothing waits for anybody, as far as that is known without looking.
    pub(crate) fn is_unused(&self) -> bool {
        !self.is_used.load(Ordering::Acquire)
    }

    /// What waits for a follower, the oldest first.
    pub(crate) async fn list(
        &self,
        account: &str,
        openid: &str,
        now: u64,
    ) -> Result<Vec<NextMessage>, StoreError> {
        let key = keys::next_message(account, openid);
        let Some(found) = self.store.get(&key).await? else { return Ok(Vec::new()) };
        let waiting = decode::<Waiting>(&found);
        let waiting = waiting.map_err(|source| StoreError::Record { key, source })?;
        let waits = |answer: &NextMessage| !answer.is_being_sent;
        Ok(waiting.at(now).0.into_iter().filter(waits).collect())
    }

    /// Lets an answer wait. Returns the ids of those that had to be given up for it.
    pub(crate) async fn add(
        &self,
        act: &FollowerAct,
        answer: NextMessage,
        now: u64,
    ) -> Result<Vec<String>, StoreError> {
        self.is_used.store(true, Ordering::Release);
        let mut given_up = Vec::new();
        self.change(&act.account, &act.openid, now, |list| {
            list.retain(|other| other.id != answer.id);
            list.push(answer.clone());
            let too_many = list.len().saturating_sub(MAX_WAITING);
            given_up = list.drain(..too_many).map(|answer| answer.id).collect();
        })
        .await?;
        Ok(given_up)
    }

    /// Takes an answer back to send it: what is left of it, or `None` if it was given meanwhile. It
    /// stays in the list, out of the follower's reach, until it is removed or added again.
    pub(crate) async fn claim(
        &self,
        account: &str,
        openid: &str,
        id: &str,
        now: u64,
    ) -> Result<Option<Vec<Reply>>, StoreError> {
        let mut left = None;
        self.change(account, openid, now, |list| {
            let answer = list.iter_mut().find(|answer| answer.id == id);
            left = answer.map(|answer| {
                answer.is_being_sent = true;
                answer.parts.clone()
            });
        })
        .await?;
        Ok(left)
    }

    /// Leaves only what of these answers is left; others that came meanwhile stay.
    pub(crate) async fn replace(
        &self,
        account: &str,
        openid: &str,
        before: &[NextMessage],
        left: &[NextMessage],
        now: u64,
    ) -> Result<(), StoreError> {
        self.change(account, openid, now, |list| {
            list.retain(|answer| !before.iter().any(|other| other.id == answer.id));
            list.splice(0..0, left.iter().cloned());
        })
        .await
    }

    /// Removes an answer that no longer waits.
    pub(crate) async fn remove(
        &self,
        account: &str,
        openid: &str,
        id: &str,
        now: u64,
    ) -> Result<(), StoreError> {
        remove(&*self.store, account, openid, id, now).await
    }

    async fn change(
        &self,
        account: &str,
        openid: &str,
        now: u64,
        edit: impl FnMut(&mut Vec<NextMessage>),
    ) -> Result<(), StoreError> {
        change(&*self.store, account, openid, now, edit).await
    }
}

/// Removes an answer that no longer waits.
pub(crate) async fn remove(
    store: &dyn Store,
    account: &str,
    openid: &str,
    id: &str,
    now: u64,
) -> Result<(), StoreError> {
    change(store, account, openid, now, |list| list.retain(|answer| answer.id != id)).await
}

async fn change(
    store: &dyn Store,
    account: &str,
    openid: &str,
    now: u64,
    mut edit: impl FnMut(&mut Vec<NextMessage>),
) -> Result<(), StoreError> {
    let change = |found: Option<Waiting>| {
        let mut waiting = found.unwrap_or_default().at(now);
        edit(&mut waiting.0);
        waiting.into_change(now)
    };
    update(store, &keys::next_message(account, openid), change).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn what_waits_has_a_golden_file() {
        let answer = NextMessage {
            id: "9f86.a1b2".into(),
            question: "多少钱？".into(),
            parts: vec![Reply::text("¥99")],
            until: 1_735_776_000_000,
            is_being_sent: false,
        };
        golden::check("next-messages.1.json", &Waiting(vec![answer]));
    }
}
