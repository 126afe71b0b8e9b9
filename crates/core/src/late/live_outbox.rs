//! The outbox of a bot that runs, which also has what its store would not take.

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::keys::OUTBOX;
use wxbot_sdk::store::{Store, StoreError};

use super::intervention::{self, RETRIED_FOR};
use super::listing::{self, Page, Place};
use super::sender::Sender;

/// Late answers of all accounts, for an operator.
pub struct LiveOutbox<'b> {
    late: &'b Sender,
    store: &'b dyn Store,
    clock: Clock,
}

impl<'b> LiveOutbox<'b> {
    pub(crate) fn new(late: &'b Sender, store: &'b dyn Store, clock: Clock) -> Self {
        Self { late, store, clock }
    }

    /// Up to `most` late answers, from the start or from the end of the page before: what the store
    /// would not take, then what it holds.
    pub async fn list(&self, from: Option<Place>, most: usize) -> Result<Page, StoreError> {
        let unwritten = self.late.outbox.list_unwritten(self.clock.millis());
        listing::page_of_bot(self.store, unwritten, from, most).await
    }

    /// Removes a late answer for good. Returns whether there was one of this id.
    pub async fn drop(&self, id: &str) -> Result<bool, StoreError> {
        let was_unwritten = self.late.outbox.drop_unwritten(id);
        match intervention::drop(self.store, id, self.clock.millis()).await {
            Err(_) if was_unwritten => Ok(true),
            dropped => dropped.map(|was_stored| was_stored || was_unwritten),
        }
    }

    /// Makes a late answer due now, also a dead letter; one that is being sent right now is left
    /// alone. Returns whether there is one of this id.
    pub async fn retry(&self, id: &str) -> Result<bool, StoreError> {
        let now = self.clock.millis();
        if self.late.outbox.retry_unwritten(id, now + RETRIED_FOR) {
            return Ok(true);
        }
        let found = intervention::retry(self.store, id, now).await;
        self.late.outbox.wake();
        found
    }

    /// How many late answers are promised to followers or on their way.
    pub async fn count(&self) -> Result<usize, StoreError> {
        let count = self.store.count(OUTBOX).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// How many answers wait for this follower's next message.
    pub async fn count_waiting(&self, account: &str, openid: &str) -> usize {
        self.late.kept.list(account, openid).await.len()
    }
}
