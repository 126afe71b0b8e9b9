//! What the previous process left in the outbox, where nobody shares the store.

use std::collections::HashSet;

use futures_util::future::try_join_all;
use wxbot_sdk::clock::millis;
use wxbot_sdk::store::keys::OUTBOX;
use wxbot_sdk::store::{Cursor, Item, QueuedItem, Store, StoreError};

use super::resumption::backoff;
use crate::key::MessageKey;
use crate::late::item::{OutboxItem, is_answer, is_promise, key};
use crate::late::lease::LEASE;

/// Items read per page.
const PAGE: usize = 1000;

/// What the previous process left behind is due now; a promise whose answer is there, too, is
/// over.
pub(super) async fn make_all_due(store: &dyn Store) -> Result<(), StoreError> {
    let now = store.now().await?;
    let (mut answered, mut left_behind, mut place) = (HashSet::new(), 0, None);
    while let Some(page) = next_page(store, &mut place).await? {
        left_behind += page.len();
        let answers = page.iter().filter(|queued| is_answer(&queued.item.id));
        answered.extend(answers.filter_map(|queued| key(&queued.item.id)));
    }
    if left_behind == 0 {
        return Ok(());
    }
    tracing::info!(items = left_behind, "resuming late answers left by the previous process");
    let mut place = None;
    while let Some(page) = next_page(store, &mut place).await? {
        let mut changes = Vec::with_capacity(page.len());
        for queued in page {
            changes.push(make_due(store, queued, &answered, now));
        }
        try_join_all(changes).await?;
    }
    Ok(())
}

async fn make_due(
    store: &dyn Store,
    queued: QueuedItem,
    answered: &HashSet<MessageKey>,
    now: u64,
) -> Result<(), StoreError> {
    let QueuedItem { item, token, is_leased } = queued;
    if is_leased && item.due >= now + millis(LEASE) {
        // By this process, which was asked something meanwhile.
        return Ok(());
    }
    let has_answer = || key(&item.id).is_some_and(|key| answered.contains(&key));
    if is_promise(&item.id) && has_answer() {
        return store.remove_if(OUTBOX, &item.id, token).await.map(drop);
    }
    let attempts = OutboxItem::read(&item).map_or(0, |late| late.attempts_at_work());
    let due = item.due.min(now + millis(backoff(attempts)));
    store.update_if(OUTBOX, Item { due, ..item }, token).await.map(drop)
}

/// A page of the outbox, the next due first. An item that is made due sooner meanwhile is not met
/// again.
async fn next_page(
    store: &dyn Store,
    place: &mut Option<Cursor>,
) -> Result<Option<Vec<QueuedItem>>, StoreError> {
    let page = store.list_after(OUTBOX, place.as_ref(), PAGE).await?;
    *place = page.last().map(QueuedItem::cursor);
    Ok(place.is_some().then_some(page))
}
