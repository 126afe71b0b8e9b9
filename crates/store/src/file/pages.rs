//! The whole file, page by page: first the values, then the items. Or the values of a prefix.

use std::ops::Bound;
use std::time::Duration;

use redb::{AccessGuard, ReadTransaction, ReadableTable};
use wxbot_sdk::store::{StoredValue, Values};

use super::entry::{Key, text, unpack};
use super::failure::Failure;
use super::queues;
use super::tables::{ITEMS, VALUES};
use crate::contents::{Entry, Page};

type Bytes = &'static [u8];

/// Entries on a page.
const PAGE: usize = 1000;
/// What the page after this one begins with.
const MORE_VALUES: u8 = b'v';
const MORE_ITEMS: u8 = b'i';

/// What is done about something that can't be read: an error, or it is left out.
pub(super) type Unreadable<'u> = &'u dyn Fn(Failure) -> Result<(), Failure>;

/// Some entries, after the place that an earlier page named.
pub(super) fn page(
    snapshot: &ReadTransaction,
    from: Option<&[u8]>,
    now: u64,
    unreadable: Unreadable<'_>,
) -> Result<Page, Failure> {
    match from.and_then(<[u8]>::split_first) {
        None => values(snapshot, Bound::Unbounded, now, unreadable),
        Some((&MORE_VALUES, after)) => values(snapshot, Bound::Excluded(after), now, unreadable),
        Some((_, [])) => items(snapshot, Bound::Unbounded, unreadable),
        Some((_, after)) => items(snapshot, Bound::Excluded(after), unreadable),
    }
}

/// Where the items begin, after whatever page of values; `None` after one of items.
pub(super) fn next_table(from: Option<&[u8]>) -> Option<Vec<u8>> {
    from.is_none_or(|from| from.first() == Some(&MORE_VALUES)).then(|| vec![MORE_ITEMS])
}

/// Some values whose keys begin with a prefix, from there or after a key.
pub(super) fn values_of(
    snapshot: &ReadTransaction,
    prefix: &[u8],
    after: Option<&[u8]>,
    now: u64,
) -> Result<Values, Failure> {
    let start = after.map_or(Bound::Included(prefix), Bound::Excluded);
    let table = snapshot.open_table(VALUES)?;
    let (mut page, mut last, mut count) = (Vec::new(), None, 0);
    for row in table.range::<&[u8]>((start, Bound::Unbounded))?.take(PAGE) {
        let (key, stored) = row?;
        if !key.value().starts_with(prefix) {
            break;
        }
        page.extend(stored_value(key.value(), stored.value(), now)?);
        last = Some(key.value().to_vec());
        count += 1;
    }
    Ok(Values { page, next: last.filter(|_| count == PAGE) })
}

/// Unless its time is over.
fn stored_value(key: &[u8], stored: &[u8], now: u64) -> Result<Option<StoredValue>, Failure> {
    let stored = unpack(Key::Value(key), stored)?;
    let Some(left @ 1..) = stored.millis.checked_sub(now) else { return Ok(None) };
    let ttl = Duration::from_millis(left);
    Ok(Some(StoredValue { key: text(key)?, value: stored.bytes.to_vec(), ttl }))
}

fn values(
    snapshot: &ReadTransaction,
    after: Bound<&[u8]>,
    now: u64,
    unreadable: Unreadable<'_>,
) -> Result<Page, Failure> {
    let entry = |key: &[u8], stored: &[u8]| Ok(stored_value(key, stored, now)?.map(Entry::from));
    let (entries, last) = read(&snapshot.open_table(VALUES)?, after, entry, unreadable)?;
    let next = last.map_or(vec![MORE_ITEMS], |key| [&[MORE_VALUES], key.as_slice()].concat());
    Ok(Page { entries, next: Some(next) })
}

fn items(
    snapshot: &ReadTransaction,
    after: Bound<&[u8]>,
    unreadable: Unreadable<'_>,
) -> Result<Page, Failure> {
    let entry = |key: &[u8], stored: &[u8]| {
        let (queue, item) = queues::entry(key, stored)?;
        Ok(Some(Entry::Item { queue, item }))
    };
    let (entries, last) = read(&snapshot.open_table(ITEMS)?, after, entry, unreadable)?;
    Ok(Page { entries, next: last.map(|key| [&[MORE_ITEMS], key.as_slice()].concat()) })
}

/// A part of a table as entries, and its last key if there may be more.
fn read(
    table: &impl ReadableTable<Bytes, Bytes>,
    after: Bound<&[u8]>,
    entry: impl Fn(&[u8], &[u8]) -> Result<Option<Entry>, Failure>,
    unreadable: Unreadable<'_>,
) -> Result<(Vec<Entry>, Option<Vec<u8>>), Failure> {
    let (mut entries, mut last, mut count) = (Vec::new(), None, 0);
    for row in table.range::<&[u8]>((after, Bound::Unbounded))?.take(PAGE) {
        let (key, stored): (AccessGuard<'_, Bytes>, AccessGuard<'_, Bytes>) = match row {
            Ok(row) => row,
            Err(error) => {
                unreadable(error.into())?;
                break;
            }
        };
        match entry(key.value(), stored.value()) {
            Ok(entry) => entries.extend(entry),
            Err(failure) => unreadable(failure)?,
        }
        last = Some(key.value().to_vec());
        count += 1;
    }
    Ok((entries, last.filter(|_| count == PAGE)))
}
