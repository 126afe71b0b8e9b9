//! The whole file, page by page: first the values, then the items.

use std::ops::Bound;
use std::time::Duration;

use redb::{AccessGuard, ReadTransaction, ReadableTable};
use wxbot_sdk::store::Item;

use super::entry::{Key, text, unpack, unqueued};
use super::failure::Failure;
use super::tables::{ITEMS, VALUES};
use crate::contents::{Entry, Page};

type Bytes = &'static [u8];

/// What the page after this one begins with.
const MORE_VALUES: u8 = b'v';
const MORE_ITEMS: u8 = b'i';

/// Up to `most` entries after the place that an earlier page named.
pub(super) fn page(
    snapshot: &ReadTransaction,
    from: Option<&[u8]>,
    now: u64,
    most: usize,
) -> Result<Page, Failure> {
    match from.and_then(<[u8]>::split_first) {
        None => values(snapshot, Bound::Unbounded, now, most),
        Some((&MORE_VALUES, after)) => values(snapshot, Bound::Excluded(after), now, most),
        Some((_, [])) => items(snapshot, Bound::Unbounded, most),
        Some((_, after)) => items(snapshot, Bound::Excluded(after), most),
    }
}

fn values(
    snapshot: &ReadTransaction,
    after: Bound<&[u8]>,
    now: u64,
    most: usize,
) -> Result<Page, Failure> {
    let entry = |key: &[u8], stored: &[u8]| {
        let stored = unpack(Key::Value(key), stored)?;
        let Some(left @ 1..) = stored.millis.checked_sub(now) else { return Ok(None) };
        let ttl = Duration::from_millis(left);
        Ok(Some(Entry::Value { key: text(key)?, value: stored.bytes.to_vec(), ttl }))
    };
    let (entries, last) = read(&snapshot.open_table(VALUES)?, after, most, entry)?;
    let next = last.map_or(vec![MORE_ITEMS], |key| [&[MORE_VALUES], key.as_slice()].concat());
    Ok(Page { entries, next: Some(next) })
}

fn items(snapshot: &ReadTransaction, after: Bound<&[u8]>, most: usize) -> Result<Page, Failure> {
    let entry = |key: &[u8], stored: &[u8]| {
        let ((queue, id), stored) = (unqueued(key)?, unpack(Key::Item(key), stored)?);
        let item = Item { id: text(id)?, value: stored.bytes.to_vec(), due: stored.millis };
        Ok(Some(Entry::Item { queue: text(queue)?, item }))
    };
    let (entries, last) = read(&snapshot.open_table(ITEMS)?, after, most, entry)?;
    Ok(Page { entries, next: last.map(|key| [&[MORE_ITEMS], key.as_slice()].concat()) })
}

/// A part of a table as entries, and its last key if there may be more.
fn read(
    table: &impl ReadableTable<Bytes, Bytes>,
    after: Bound<&[u8]>,
    most: usize,
    entry: impl Fn(&[u8], &[u8]) -> Result<Option<Entry>, Failure>,
) -> Result<(Vec<Entry>, Option<Vec<u8>>), Failure> {
    let (mut entries, mut last, mut count) = (Vec::new(), None, 0);
    for row in table.range::<&[u8]>((after, Bound::Unbounded))?.take(most) {
        let (key, stored): (AccessGuard<'_, Bytes>, AccessGuard<'_, Bytes>) = row?;
        entries.extend(entry(key.value(), stored.value())?);
        last = Some(key.value().to_vec());
        count += 1;
    }
    Ok((entries, last.filter(|_| count == most)))
}
