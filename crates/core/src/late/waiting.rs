//! The list of answers that wait for a follower's next message, for operators: the answers
//! themselves are kept by follower.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::clock::millis;
use wxbot_sdk::store::keys::WAITING;
use wxbot_sdk::store::{QueuedItem, Store, StoreError};

use super::item::OutboxItem;
use super::lease::LEASE;

/// Expired entries taken off the list per pass.
const BATCH: usize = 64;

/// What waits. A failing store costs an entry of the list, but no answer.
pub(crate) struct WaitingList {
    store: Arc<dyn Store>,
}

impl WaitingList {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Lists an answer for as long as it waits.
    pub(crate) async fn add(&self, id: &str, item: &OutboxItem, ttl: Duration) {
        let added = async {
            let until = self.store.now().await? + millis(ttl);
            self.store.push(WAITING, item.to_item(id, until)).await
        };
        if let Err(error) = added.await {
            tracing::warn!(%error, "an answer that waits for its follower is not listed");
        }
    }

    /// Removes an answer that no longer waits.
    pub(crate) async fn remove(&self, id: &str) {
        if let Err(error) = self.store.remove(WAITING, id).await {
            tracing::debug!(%error, "an answer that does not wait any more is listed");
        }
    }

    /// Takes off the list what has waited too long.
    pub(crate) async fn take_expired(&self) -> Result<Vec<OutboxItem>, StoreError> {
        let mut expired = Vec::new();
        for QueuedItem { item, token, .. } in self.store.lease_due(WAITING, LEASE, BATCH).await? {
            if self.store.remove_if(WAITING, &item.id, token).await?
                && let Ok(item) = OutboxItem::read(&item)
            {
                expired.push(item);
            }
        }
        Ok(expired)
    }
}
