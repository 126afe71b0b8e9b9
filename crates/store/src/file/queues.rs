//! Queues in the file.

use redb::{ReadTransaction, ReadableTable};
use wxbot_sdk::store::{Item, StoreError};

use super::entry::{Key, all_queued, pack, queued, text, timed, unpack, unqueued, untimed};
use super::failure::Failure;
use super::tables::{DUE, ITEMS, Tables};
use crate::limits;

impl Tables<'_> {
    pub(super) fn push(&mut self, queue: &str, item: &Item, most: usize) -> Result<(), Failure> {
        if self.update(queue, item)? {
            return Ok(());
        }
        let size = self.size(queue)?;
        if size >= most as u64 {
            return Err(StoreError::Full { queue: queue.to_owned(), most }.into());
        }
        self.resize(queue, size + 1)?;
        self.insert(queue, item)
    }

    pub(super) fn update(&mut self, queue: &str, item: &Item) -> Result<bool, Failure> {
        let Some(old) = self.due_of(queue, &item.id)? else { return Ok(false) };
        self.due.remove(queued(queue, &timed(old, item.id.as_bytes())).as_slice())?;
        self.insert(queue, item)?;
        Ok(true)
    }

    pub(super) fn take_due(
        &mut self,
        queue: &str,
        now: u64,
        again: u64,
        most: usize,
    ) -> Result<Vec<Item>, Failure> {
        let Listed { items, damaged } = list(&self.due, &self.items, queue, now, most)?;
        for item in &items {
            self.update(queue, &Item { due: again, ..item.clone() })?;
        }
        for (due, id) in damaged {
            self.set_aside(queue, due, &id)?;
        }
        Ok(items)
    }

    pub(super) fn remove(&mut self, queue: &str, id: &str) -> Result<bool, Failure> {
        let due = match self.due_of(queue, id) {
            Err(Failure::Refused(StoreError::Damaged { .. })) => self.find_due(queue, id)?,
            due => due?,
        };
        let Some(due) = due else { return Ok(false) };
        self.items.remove(queued(queue, id.as_bytes()).as_slice())?;
        self.due.remove(queued(queue, &timed(due, id.as_bytes())).as_slice())?;
        let size = self.size(queue)?;
        self.resize(queue, size.saturating_sub(1))?;
        Ok(true)
    }

    fn insert(&mut self, queue: &str, item: &Item) -> Result<(), Failure> {
        let (id, due) = (item.id.as_bytes(), limits::due(item.due));
        let key = queued(queue, id);
        self.items.insert(key.as_slice(), pack(Key::Item(&key), due, &item.value).as_slice())?;
        self.due.insert(queued(queue, &timed(due, id)).as_slice(), &[][..])?;
        Ok(())
    }

    fn due_of(&self, queue: &str, id: &str) -> Result<Option<u64>, Failure> {
        let key = queued(queue, id.as_bytes());
        let Some(stored) = self.items.get(key.as_slice())? else { return Ok(None) };
        Ok(Some(unpack(Key::Item(&key), stored.value())?.millis))
    }

    /// Where a damaged item, whose time can't be read, stands in its queue.
    fn find_due(&self, queue: &str, id: &str) -> Result<Option<u64>, Failure> {
        let (from, to) = all_queued(queue);
        for row in self.due.range(from.as_slice()..to.as_slice())? {
            let row = row?.0;
            let (due, found) = untimed(unqueued(row.value())?.1)?;
            if found == id.as_bytes() {
                return Ok(Some(due));
            }
        }
        Ok(None)
    }

    /// A damaged item is not due again, or it would be met all the time. It can be removed.
    fn set_aside(&mut self, queue: &str, due: u64, id: &str) -> Result<(), Failure> {
        self.due.remove(queued(queue, &timed(due, id.as_bytes())).as_slice())?;
        let never = timed(limits::due(u64::MAX), id.as_bytes());
        self.due.insert(queued(queue, &never).as_slice(), &[][..])?;
        Ok(())
    }

    /// One that is damaged is counted anew.
    fn size(&self, queue: &str) -> Result<u64, Failure> {
        let key = queue.as_bytes();
        let Some(stored) = self.sizes.get(key)? else { return Ok(0) };
        if let Ok(entry) = unpack(Key::Size(key), stored.value()) {
            return Ok(entry.millis);
        }
        let (from, to) = all_queued(queue);
        Ok(self.items.range(from.as_slice()..to.as_slice())?.count() as u64)
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

/// A part of a queue.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) items: Vec<Item>,
    /// Due time and id of those that can't be read.
    damaged: Vec<(u64, String)>,
}

/// Up to `most` items of a queue that are due at `now`, the longest due first.
pub(super) fn list(
    due: &impl ReadableTable<&'static [u8], &'static [u8]>,
    items: &impl ReadableTable<&'static [u8], &'static [u8]>,
    queue: &str,
    now: u64,
    most: usize,
) -> Result<Listed, Failure> {
    let (from, to) = all_queued(queue);
    let mut listed = Listed::default();
    for entry in due.range(from.as_slice()..to.as_slice())?.take(most) {
        let (key, _) = entry?;
        let (due, id) = untimed(unqueued(key.value())?.1)?;
        if due > now {
            break;
        }
        let (key, id) = (queued(queue, id), text(id)?);
        let Some(stored) = items.get(key.as_slice())? else { continue };
        match unpack(Key::Item(&key), stored.value()) {
            Ok(entry) => listed.items.push(Item { id, value: entry.bytes.to_vec(), due }),
            Err(error) => {
                tracing::error!(%error, "left out of the queue");
                listed.damaged.push((due, id));
            }
        }
    }
    Ok(listed)
}

/// The same from a snapshot, whatever is due.
pub(super) fn list_all(
    transaction: &ReadTransaction,
    queue: &str,
    most: usize,
) -> Result<Vec<Item>, Failure> {
    let (due, items) = (transaction.open_table(DUE)?, transaction.open_table(ITEMS)?);
    Ok(list(&due, &items, queue, u64::MAX, most)?.items)
}
