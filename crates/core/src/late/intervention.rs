//! What an operator may do about late answers: have them tried again, or drop them.

use futures_util::future::try_join_all;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX, WAITING};
use wxbot_sdk::store::{QueuedItem, Store, StoreError};

use super::item::OutboxItem;
use super::listing::{Listed, Page, Place, State};
use super::next_message;

/// Retries in flight; a file store writes them in one transaction.
const AT_ONCE: usize = 128;
/// How long an answer is tried that an operator retries, in milliseconds.
pub(super) const RETRIED_FOR: u64 = 24 * 3600 * 1000;
/// Attempts at a compare-and-swap; an item that changes more often is being worked on.
const MAX_RACES: usize = 8;

/// Which answers are to be tried again: of those that wait or were given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Those of one account only.
    pub account: Option<String>,
    /// Those of followers who asked then or later only, in Unix seconds.
    pub since: Option<u64>,
    /// Without those that were tried again then or later, in Unix milliseconds: what fails again moves
    /// to a later page, and is not tried forever.
    pub until: u64,
}

impl Selection {
    fn selects(&self, listed: &Listed) -> bool {
        let is_meant = matches!(listed.state, State::Unwritten | State::Ready | State::GivenUp);
        is_meant
            && listed.retried.is_none_or(|retried| retried < self.until)
            && self.account.as_ref().is_none_or(|account| *account == listed.account)
            && self.since.is_none_or(|since| listed.at >= since)
    }
}

/// Has those of a page that are selected tried again by `retry`, which says whether there still was
/// one of this id. Returns the ids of those that there were, and where the next page begins.
pub async fn retry_page(
    Page { listed, next }: Page,
    selection: &Selection,
    retry: impl AsyncFn(&str) -> Result<bool, StoreError>,
) -> Result<(Vec<String>, Option<Place>), StoreError> {
    let ids = listed.into_iter().filter(|late| selection.selects(late)).map(|late| late.id);
    let (ids, mut retried): (Vec<_>, Vec<_>) = (ids.collect(), Vec::new());
    for some in ids.chunks(AT_ONCE) {
        let there = try_join_all(some.iter().map(|id| retry(id))).await?;
        retried.extend(
            there.into_iter().zip(some).filter(|(there, _)| *there).map(|(_, id)| id.clone()),
        );
    }
    Ok((retried, next))
}

/// Makes an answer due, also one that was given up; it then has another day. `now` is noted as the
/// time, in Unix milliseconds. One that is being sent right now is left alone. Returns whether there
/// is one of this id.
pub async fn retry(store: &dyn Store, id: &str, now: u64) -> Result<bool, StoreError> {
    let due = store.now().await?;
    for _ in 0..MAX_RACES {
        let Some((queue, found)) = find(store, id).await? else { return Ok(false) };
        let Ok(mut late) = OutboxItem::read(&found.item) else { return Ok(false) };
        if queue == OUTBOX && found.is_leased && found.item.due > due {
            return Ok(true);
        }
        late.attempts = 0;
        late.retried = Some(now);
        late.expires = late.expires.max(now + RETRIED_FOR);
        let item = late.to_item(id, due);
        if queue == OUTBOX {
            if store.update_if(OUTBOX, item, found.token).await? {
                return Ok(true);
            }
        } else {
            store.push(OUTBOX, item).await?;
            store.remove_if(DEAD_LETTERS, id, found.token).await?;
            return Ok(true);
        }
    }
    Ok(true)
}

/// Takes an answer out for good, at `now` in Unix milliseconds. Returns whether there was one of this
/// id.
pub async fn drop(store: &dyn Store, id: &str, now: u64) -> Result<bool, StoreError> {
    if let Some(found) = store.get_item(WAITING, id).await? {
        if let Ok(OutboxItem { act, .. }) = OutboxItem::read(&found.item) {
            next_message::remove(store, &act.account, &act.openid, id, now).await?;
        }
        return store.remove(WAITING, id).await;
    }
    Ok(store.remove(OUTBOX, id).await? | store.remove(DEAD_LETTERS, id).await?)
}

async fn find(
    store: &dyn Store,
    id: &str,
) -> Result<Option<(&'static str, QueuedItem)>, StoreError> {
    for queue in [OUTBOX, DEAD_LETTERS] {
        if let Some(found) = store.get_item(queue, id).await? {
            return Ok(Some((queue, found)));
        }
    }
    Ok(None)
}
