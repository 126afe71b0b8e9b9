//! Answers that are kept for a follower's next message: by follower, and as a list for operators.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::clock::{Clock, millis};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::{Store, StoreError};

use super::act::FollowerAct;
use super::item::{OutboxItem, Stage};
use super::next_message::{NextMessage, NextMessages};
use super::waiting::WaitingList;
use crate::journal::{Journal, JournalEvent, LateStep};

/// What is kept, for all followers.
pub(crate) struct KeptAnswers {
    next_messages: NextMessages,
    listed: WaitingList,
    journal: Arc<Journal>,
    clock: Clock,
}

impl KeptAnswers {
    pub(super) fn new(store: &Arc<dyn Store>, journal: &Arc<Journal>, clock: Clock) -> Self {
        Self {
            next_messages: NextMessages::new(Arc::clone(store)),
            listed: WaitingList::new(Arc::clone(store)),
            journal: Arc::clone(journal),
            clock,
        }
    }

    /// Whether nothing is kept for anybody, as far as that is known without looking.
    pub(crate) fn is_unused(&self) -> bool {
        self.next_messages.is_unused()
    }

    /// Puts an answer among those that wait for the follower's next message.
    pub(super) async fn offer(
        &self,
        ttl: Duration,
        id: &str,
        item: &OutboxItem,
    ) -> Result<(), String> {
        let Stage::Ready { parts, .. } = &item.stage else { return Ok(()) };
        let now = self.clock.millis();
        let answer = NextMessage {
            id: id.to_owned(),
            question: item.question.clone(),
            parts: parts.clone(),
            until: now + millis(ttl),
            is_being_sent: false,
        };
        let added = self.next_messages.add(&item.act, answer, now).await;
        for id in added.map_err(|error| error.to_string())? {
            tracing::warn!(account = item.act.account, id, "too many answers wait for a follower");
            self.record(item, LateStep::GivenUp);
            self.listed.remove(&id).await;
        }
        Ok(())
    }

    /// Shows operators an answer that was offered, for as long as it is kept.
    pub(super) async fn list_for_operators(&self, id: &str, item: &OutboxItem, ttl: Duration) {
        self.listed.add(id, item, ttl).await;
    }

    /// Takes back an answer that was offered: what is left of it, or `None` if the follower was given
    /// it, or it was never offered.
    pub(super) async fn claim(
        &self,
        id: &str,
        act: &FollowerAct,
    ) -> Result<Option<Vec<Reply>>, StoreError> {
        let now = self.clock.millis();
        self.next_messages.claim(&act.account, &act.openid, id, now).await
    }

    /// What waits for a follower, the oldest first; nothing while the store fails.
    pub(crate) async fn list(&self, account: &str, openid: &str) -> Vec<NextMessage> {
        let list = self.next_messages.list(account, openid, self.clock.millis()).await;
        list.unwrap_or_else(|error| {
            tracing::debug!(%error, "what waits for a follower can't be looked up");
            Vec::new()
        })
    }

    /// Keeps what is `left` of the answers `before`: the others were given.
    pub(crate) async fn mark_given(
        &self,
        account: &str,
        openid: &str,
        before: &[NextMessage],
        left: &[NextMessage],
    ) {
        let now = self.clock.millis();
        match self.next_messages.replace(account, openid, before, left, now).await {
            Ok(()) => {
                self.journal.record(JournalEvent::Late { account, step: LateStep::Given });
                let is_left = |given: &NextMessage| left.iter().any(|other| other.id == given.id);
                for given in before.iter().filter(|given| !is_left(given)) {
                    self.listed.remove(&given.id).await;
                }
            }
            Err(error) => tracing::warn!(%error, "an answer that was given may be given again"),
        }
    }

    /// Removes an answer that no longer waits.
    pub(crate) async fn forget(&self, account: &str, openid: &str, id: &str) {
        let now = self.clock.millis();
        if let Err(error) = self.next_messages.remove(account, openid, id, now).await {
            tracing::warn!(%error, "a part of an answer may be given twice");
        }
        self.listed.remove(id).await;
    }

    /// Counts and logs what waited too long.
    pub(crate) async fn expire(&self) -> Result<(), StoreError> {
        for item in self.listed.take_expired().await? {
            tracing::warn!(account = item.act.account, "a follower did not come for a late answer");
            self.record(&item, LateStep::Expired);
        }
        Ok(())
    }

    fn record(&self, item: &OutboxItem, step: LateStep) {
        self.journal.record(JournalEvent::Late { account: &item.act.account, step });
    }
}
