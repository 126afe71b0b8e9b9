//! Changing a record that others change, too: compare and swap, again until nobody came between.

use std::time::Duration;

use super::record::{Record, decode, encode};
use super::{Store, StoreError, Swap};

/// Each try that fails is somebody else's that succeeded; more than this is a failing store.
const TRIES: u32 = 16;

/// What is to become of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<R> {
    /// It stays as it is.
    Keep,
    /// This is in its place, for so long.
    Put(R, Duration),
    /// It is forgotten.
    Remove,
}

/// Changes the record under a key; `change` sees what is there, again each time that somebody else
/// was quicker. Returns the record as it is afterwards. One that can't be read is an error, and
/// stays.
pub async fn update<R: Record>(
    store: &dyn Store,
    key: &str,
    change: impl FnMut(Option<R>) -> Change<R>,
) -> Result<Option<R>, StoreError> {
    let found = store.get(key).await?;
    swap_until_done(store, key, Seen::Read(found), change).await
}

/// The same where usually nothing is there: that is tried first, in one round trip. `change` is
/// called with `None` before anything is known.
pub async fn insert_or_update<R: Record>(
    store: &dyn Store,
    key: &str,
    change: impl FnMut(Option<R>) -> Change<R>,
) -> Result<Option<R>, StoreError> {
    swap_until_done(store, key, Seen::Unread, change).await
}

/// The same where [`Store::swap`] or [`Store::swap_all`] found this value just now.
pub async fn update_from<R: Record>(
    store: &dyn Store,
    key: &str,
    found: Option<Vec<u8>>,
    change: impl FnMut(Option<R>) -> Change<R>,
) -> Result<Option<R>, StoreError> {
    swap_until_done(store, key, Seen::Read(found), change).await
}

/// What is known about a key.
enum Seen {
    /// Nothing; there is probably no value.
    Unread,
    Read(Option<Vec<u8>>),
}

impl Seen {
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Unread => None,
            Self::Read(found) => found.as_deref(),
        }
    }

    fn record<R: Record>(&self, key: &str) -> Result<Option<R>, StoreError> {
        let record = self.bytes().map(decode).transpose();
        record.map_err(|source| StoreError::Record { key: key.to_owned(), source })
    }
}

async fn swap_until_done<R: Record>(
    store: &dyn Store,
    key: &str,
    mut seen: Seen,
    mut change: impl FnMut(Option<R>) -> Change<R>,
) -> Result<Option<R>, StoreError> {
    for _ in 0..TRIES {
        let (record, ttl) = match (change(seen.record(key)?), &seen) {
            (Change::Put(record, ttl), _) => (Some(record), ttl),
            (Change::Remove, Seen::Read(Some(_))) => (None, Duration::ZERO),
            (Change::Keep | Change::Remove, Seen::Read(_)) => return seen.record(key),
            (Change::Keep | Change::Remove, Seen::Unread) => {
                seen = Seen::Read(store.get(key).await?);
                continue;
            }
        };
        match store.swap(key, seen.bytes(), record.as_ref().map(encode), ttl).await? {
            Swap::Done => return Ok(record),
            Swap::Found(found) => seen = Seen::Read(found),
        }
    }
    Err(StoreError::Contended { key: key.to_owned() })
}
