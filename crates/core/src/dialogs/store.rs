//! Reads and writes followers' dialogs, and asks the store no more often than must be.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use wxbot_sdk::clock::millis;
use wxbot_sdk::store::record::decode;
use wxbot_sdk::store::{Change, Reach, Store, StoreError, Values, keys, update, update_from};

use super::index::Index;
use super::record::FollowerDialogs;

/// How soon to try again while the store fails.
const SOON: Duration = Duration::from_secs(1);

/// The dialogs of all followers.
pub(crate) struct DialogStore {
    store: Arc<dyn Store>,
    /// `None` where other instances open dialogs, too.
    index: Option<Index>,
}

/// What is known of a follower's dialogs before the chain is asked.
#[derive(Debug)]
pub(crate) enum Look {
    /// This was in the store when the follower's turn came.
    Found(Option<Vec<u8>>),
    /// Nobody has looked.
    NotYet,
    /// Nobody has looked, and the work is begun again: what was said before may be there.
    Needed,
}

/// One follower's, as they were found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) dialogs: FollowerDialogs,
}

impl DialogStore {
    pub(crate) fn new(store: &Arc<dyn Store>) -> Self {
        let index = match store.reach() {
            Reach::Process => Some(Index::new(true)),
            Reach::Machine => Some(Index::new(false)),
            Reach::Instances => None,
        };
        Self { store: Arc::clone(store), index }
    }

    /// Finds out which dialogs the previous process left open; until then the store is asked for
    /// everybody.
    pub(crate) async fn resume(&self, now: u64) {
        let Some(index) = &self.index else { return };
        if self.store.reach() == Reach::Process {
            return;
        }
        let mut from = None;
        loop {
            let Ok(Values { page, next }) = self.store.values(keys::DIALOG, from.clone()).await
            else {
                sleep(SOON).await;
                continue;
            };
            for stored in page {
                if let Some((account, openid)) = keys::follower_of_dialog(&stored.key) {
                    index.note(account, openid, now.saturating_add(millis(stored.ttl)), now);
                }
            }
            from = next;
            if from.is_none() {
                return index.complete();
            }
        }
    }

    /// A follower's dialogs, read only where there may be some.
    pub(super) async fn read(
        &self,
        account: &str,
        openid: &str,
        now: u64,
    ) -> Result<Seen, StoreError> {
        if self.index.as_ref().is_some_and(|index| !index.may_have(account, openid, now)) {
            return Ok(Seen::default());
        }
        self.read_anyway(account, openid, now).await
    }

    /// A follower's dialogs, and what was said last.
    pub(super) async fn read_anyway(
        &self,
        account: &str,
        openid: &str,
        now: u64,
    ) -> Result<Seen, StoreError> {
        let key = keys::dialog(account, openid);
        let bytes = self.store.get(&key).await?;
        seen(key, bytes, now)
    }

    /// Changes a follower's dialogs, which were seen like this before; `change` says whether they
    /// are to be written.
    pub(super) async fn change(
        &self,
        account: &str,
        openid: &str,
        seen: Option<Seen>,
        now: u64,
        mut change: impl FnMut(&mut FollowerDialogs) -> bool,
    ) -> Result<FollowerDialogs, StoreError> {
        let key = keys::dialog(account, openid);
        let mut open_until = None;
        let swap = |found: Option<FollowerDialogs>| {
            let mut dialogs = found.unwrap_or_default().at(now);
            if !change(&mut dialogs) {
                open_until = None;
                return Change::Keep;
            }
            // Before it is written: whoever is not told that it was must look.
            let until = dialogs.open().iter().map(|dialog| dialog.until).max();
            self.note(account, openid, until.unwrap_or(0), now);
            open_until = Some(until);
            match dialogs.ttl(now) {
                Some(ttl) => Change::Put(dialogs, ttl),
                None => Change::Remove,
            }
        };
        let changed = match seen {
            Some(seen) => update_from(&*self.store, &key, seen.bytes, swap).await?,
            None => update(&*self.store, &key, swap).await?,
        };
        if let (Some(None), Some(index)) = (open_until, &self.index) {
            index.forget(account, openid);
        }
        Ok(changed.unwrap_or_default())
    }

    fn note(&self, account: &str, openid: &str, until: u64, now: u64) {
        if let Some(index) = &self.index {
            index.note(account, openid, until, now);
        }
    }
}

/// What the bytes under this key are.
pub(super) fn seen(key: String, bytes: Option<Vec<u8>>, now: u64) -> Result<Seen, StoreError> {
    let dialogs = bytes.as_deref().map(decode::<FollowerDialogs>).transpose();
    let dialogs = dialogs.map_err(|source| StoreError::Record { key, source })?;
    Ok(Seen { bytes, dialogs: dialogs.unwrap_or_default().at(now) })
}
