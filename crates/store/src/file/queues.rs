//! Queues in the file.

use std::ops::Bound;

use redb::{AccessGuard, ReadTransaction, ReadableTable};
use wxbot_sdk::store::{Cursor, FencingToken, Item, QueuedItem, StoreError};

use super::entry::{Key, all_queued, pack, queued, text, timed, unpack, unqueued, untimed};
use super::failure::Failure;
use super::tables::{DUE, ITEMS, SIZES, Tables};
use crate::limits;
use crate::token::token;

type Bytes = &'static [u8];

impl Tables<'_> {
    pub(super) fn push(
        &mut self,
        queue: &str,
        new: &QueuedItem,
        most: usize,
    ) -> Result<(), Failure> {
        match get(&self.items, queue, &new.item.id)? {
            Some(old) => self.replace(queue, &old, new),
            None => self.add(queue, new, most),
        }
    }

    /// Returns whether it was added: one of its id may be there.
    pub(super) fn push_new(
        &mut self,
        queue: &str,
        new: &QueuedItem,
        most: usize,
    ) -> Result<bool, Failure> {
        let is_new = get(&self.items, queue, &new.item.id)?.is_none();
        if is_new {
            self.add(queue, new, most)?;
        }
        Ok(is_new)
    }

    fn add(&mut self, queue: &str, new: &QueuedItem, most: usize) -> Result<(), Failure> {
        let size = size(&self.sizes, &self.items, queue)?;
        if size >= most as u64 {
            return Err(StoreError::Full { queue: queue.to_owned(), most }.into());
        }
        self.resize(queue, size + 1)?;
        self.insert(queue, new)
    }

    pub(super) fn update_if(
        &mut self,
        queue: &str,
        item: &Item,
        token: FencingToken,
    ) -> Result<bool, Failure> {
        let Some(old) = self.last(queue, &item.id, token)? else { return Ok(false) };
        self.replace(queue, &old, &written(item.clone()))?;
        Ok(true)
    }

    /// What is due at `now`, as it stands from now on.
    pub(super) fn lease_due(
        &mut self,
        queue: &str,
        now: u64,
        until: u64,
        most: usize,
    ) -> Result<Vec<QueuedItem>, Failure> {
        let Listed { items, damaged } = list(&self.due, &self.items, queue, None, now, most)?;
        let mut taken = Vec::with_capacity(items.len());
        for before in items {
            let item = Item { due: limits::due(until), ..before.item.clone() };
            let after = QueuedItem { is_leased: true, ..written(item) };
            self.replace(queue, &before, &after)?;
            taken.push(after);
        }
        for place in damaged {
            self.set_aside(queue, &place)?;
        }
        Ok(taken)
    }

    pub(super) fn renew(
        &mut self,
        queue: &str,
        id: &str,
        token: FencingToken,
        until: u64,
        value: Option<Vec<u8>>,
    ) -> Result<bool, Failure> {
        let held = self.last(queue, id, token)?.filter(|queued| queued.is_leased);
        let Some(old) = held else { return Ok(false) };
        let mut new = old.clone();
        new.item.due = until;
        new.item.value = value.unwrap_or(new.item.value);
        self.replace(queue, &old, &new)?;
        Ok(true)
    }

    pub(super) fn remove_if(
        &mut self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, Failure> {
        match self.last(queue, id, token)? {
            Some(old) => self.take_out(queue, &old.cursor()),
            None => Ok(false),
        }
    }

    /// Also one that is damaged.
    pub(super) fn remove(&mut self, queue: &str, id: &str) -> Result<bool, Failure> {
        let place = match get(&self.items, queue, id) {
            Err(Failure::Refused(StoreError::Damaged { .. })) => self.find(queue, id)?,
            found => found?.map(|queued| queued.cursor()),
        };
        match place {
            Some(place) => self.take_out(queue, &place),
            None => Ok(false),
        }
    }

    /// The item, unless somebody has written or leased it since.
    fn last(
        &self,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<Option<QueuedItem>, Failure> {
        Ok(get(&self.items, queue, id)?.filter(|queued| queued.token == token))
    }

    fn take_out(&mut self, queue: &str, place: &Cursor) -> Result<bool, Failure> {
        self.items.remove(queued(queue, place.id.as_bytes()).as_slice())?;
        self.due.remove(placed(queue, place).as_slice())?;
        let size = size(&self.sizes, &self.items, queue)?;
        self.resize(queue, size.saturating_sub(1))?;
        Ok(true)
    }

    fn replace(&mut self, queue: &str, old: &QueuedItem, new: &QueuedItem) -> Result<(), Failure> {
        self.due.remove(placed(queue, &old.cursor()).as_slice())?;
        self.insert(queue, new)
    }

    fn insert(&mut self, queue: &str, new: &QueuedItem) -> Result<(), Failure> {
        let (key, due) = (queued(queue, new.item.id.as_bytes()), limits::due(new.item.due));
        let token = new.token.0.to_be_bytes();
        let bytes = [&token, &[u8::from(new.is_leased)][..], &new.item.value].concat();
        self.items.insert(key.as_slice(), pack(Key::Item(&key), due, &bytes).as_slice())?;
        let place = Cursor { due, id: new.item.id.clone() };
        self.due.insert(placed(queue, &place).as_slice(), &[][..])?;
        Ok(())
    }

    /// Where a damaged item, whose time can't be read, stands in its queue.
    fn find(&self, queue: &str, id: &str) -> Result<Option<Cursor>, Failure> {
        for row in range(&self.due, queue, None)? {
            let place = place(row?.0.value())?;
            if place.id == id {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// A damaged item is not due again, or it would be met all the time. It can be removed.
    fn set_aside(&mut self, queue: &str, place: &Cursor) -> Result<(), Failure> {
        self.due.remove(placed(queue, place).as_slice())?;
        let never = Cursor { due: limits::due(u64::MAX), id: place.id.clone() };
        self.due.insert(placed(queue, &never).as_slice(), &[][..])?;
        Ok(())
    }

    /// The size is packed as other numbers are; an empty queue has none.
    fn resize(&mut self, queue: &str, size: u64) -> Result<(), Failure> {
        let key = queue.as_bytes();
        match size {
            0 => self.sizes.remove(key)?,
            size => self.sizes.insert(key, pack(Key::Size(key), size, &[]).as_slice())?,
        };
        Ok(())
    }
}

/// An item as it is written when nobody leases it.
pub(super) fn written(item: Item) -> QueuedItem {
    QueuedItem { item, token: token(), is_leased: false }
}

/// The key of an item among those that are sorted by due time.
fn placed(queue: &str, place: &Cursor) -> Vec<u8> {
    queued(queue, &timed(limits::due(place.due), place.id.as_bytes()))
}

/// The reverse of [`placed`].
fn place(key: &[u8]) -> Result<Cursor, Failure> {
    let (due, id) = untimed(unqueued(key)?.1)?;
    Ok(Cursor { due, id: text(id)? })
}

fn get(
    items: &impl ReadableTable<Bytes, Bytes>,
    queue: &str,
    id: &str,
) -> Result<Option<QueuedItem>, Failure> {
    let key = queued(queue, id.as_bytes());
    let Some(stored) = items.get(key.as_slice())? else { return Ok(None) };
    Ok(Some(item(&key, id, stored.value())?))
}

/// `token(8) | leased(1) | value`, packed with the due time.
fn item(key: &[u8], id: &str, stored: &[u8]) -> Result<QueuedItem, StoreError> {
    let entry = unpack(Key::Item(key), stored)?;
    let (due, damaged) =
        (entry.millis, || StoreError::Damaged { what: Key::Item(key).to_string() });
    let (token, rest) = entry.bytes.split_first_chunk().ok_or_else(damaged)?;
    let (leased, value) = rest.split_first().ok_or_else(damaged)?;
    let item = Item { id: id.to_owned(), value: value.to_vec(), due };
    let token = FencingToken(u64::from_be_bytes(*token));
    Ok(QueuedItem { item, token, is_leased: *leased != 0 })
}

/// One that is damaged is counted anew.
fn size(
    sizes: &impl ReadableTable<Bytes, Bytes>,
    items: &impl ReadableTable<Bytes, Bytes>,
    queue: &str,
) -> Result<u64, Failure> {
    let key = queue.as_bytes();
    let Some(stored) = sizes.get(key)? else { return Ok(0) };
    match unpack(Key::Size(key), stored.value()) {
        Ok(entry) => Ok(entry.millis),
        Err(_) => Ok(range(items, queue, None)?.count() as u64),
    }
}

fn range<'t>(
    table: &'t impl ReadableTable<Bytes, Bytes>,
    queue: &str,
    after: Option<&Cursor>,
) -> Result<redb::Range<'t, Bytes, Bytes>, Failure> {
    let (from, to) = all_queued(queue);
    let after = after.map(|after| placed(queue, after));
    let from = match &after {
        Some(after) => Bound::Excluded(after.as_slice()),
        None => Bound::Included(from.as_slice()),
    };
    Ok(table.range::<&[u8]>((from, Bound::Excluded(to.as_slice())))?)
}

/// A part of a queue.
#[derive(Default)]
struct Listed {
    items: Vec<QueuedItem>,
    /// Where those are that can't be read.
    damaged: Vec<Cursor>,
}

/// Up to `most` items of a queue that are due at `now`, the longest due first.
fn list(
    due: &impl ReadableTable<Bytes, Bytes>,
    items: &impl ReadableTable<Bytes, Bytes>,
    queue: &str,
    after: Option<&Cursor>,
    now: u64,
    most: usize,
) -> Result<Listed, Failure> {
    let mut listed = Listed::default();
    for row in range(due, queue, after)?.take(most) {
        let (key, _): (AccessGuard<'_, Bytes>, _) = row?;
        let place = place(key.value())?;
        if place.due > now {
            break;
        }
        match get(items, queue, &place.id) {
            Ok(found) => listed.items.extend(found),
            Err(Failure::Refused(error)) => {
                tracing::error!(%error, "left out of the queue");
                listed.damaged.push(place);
            }
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(listed)
}

/// From a snapshot, whatever is due.
pub(super) fn list_after(
    snapshot: &ReadTransaction,
    queue: &str,
    after: Option<&Cursor>,
    most: usize,
) -> Result<Vec<QueuedItem>, Failure> {
    let (due, items) = (snapshot.open_table(DUE)?, snapshot.open_table(ITEMS)?);
    Ok(list(&due, &items, queue, after, u64::MAX, most)?.items)
}

/// The same of one item.
pub(super) fn get_item(
    snapshot: &ReadTransaction,
    queue: &str,
    id: &str,
) -> Result<Option<QueuedItem>, Failure> {
    get(&snapshot.open_table(ITEMS)?, queue, id)
}

/// How many there are.
pub(super) fn count(snapshot: &ReadTransaction, queue: &str) -> Result<u64, Failure> {
    size(&snapshot.open_table(SIZES)?, &snapshot.open_table(ITEMS)?, queue)
}

/// For a page of the whole file.
pub(super) fn entry(key: &[u8], stored: &[u8]) -> Result<(String, Item), Failure> {
    let (queue, id) = unqueued(key)?;
    Ok((text(queue)?, item(key, &text(id)?, stored)?.item))
}
