//! Queues in the file.

use redb::{ReadTransaction, ReadableTable};
use wxbot_sdk::store::{Item, StoreError};

use super::entry::{all_queued, pack, queued, text, timed, unpack, unqueued, untimed};
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
        let taken = list(&self.due, &self.items, queue, now, most)?;
        for item in &taken {
            self.update(queue, &Item { due: again, ..item.clone() })?;
        }
        Ok(taken)
    }

    pub(super) fn remove(&mut self, queue: &str, id: &str) -> Result<bool, Failure> {
        let Some(due) = self.due_of(queue, id)? else { return Ok(false) };
        self.items.remove(queued(queue, id.as_bytes()).as_slice())?;
        self.due.remove(queued(queue, &timed(due, id.as_bytes())).as_slice())?;
        let size = self.size(queue)?;
        self.resize(queue, size.saturating_sub(1))?;
        Ok(true)
    }

    fn insert(&mut self, queue: &str, item: &Item) -> Result<(), Failure> {
        let (id, due) = (item.id.as_bytes(), limits::due(item.due));
        self.items.insert(queued(queue, id).as_slice(), pack(due, &item.value).as_slice())?;
        self.due.insert(queued(queue, &timed(due, id)).as_slice(), &[][..])?;
        Ok(())
    }

    fn due_of(&self, queue: &str, id: &str) -> Result<Option<u64>, Failure> {
        let Some(stored) = self.items.get(queued(queue, id.as_bytes()).as_slice())? else {
            return Ok(None);
        };
        Ok(Some(unpack(stored.value())?.millis))
    }

    fn size(&self, queue: &str) -> Result<u64, Failure> {
        let Some(stored) = self.sizes.get(queue.as_bytes())? else { return Ok(0) };
        Ok(unpack(stored.value())?.millis)
    }

    /// The size is packed as other numbers are; an empty queue has none.
    fn resize(&mut self, queue: &str, size: u64) -> Result<(), Failure> {
        match size {
            0 => self.sizes.remove(queue.as_bytes())?,
            size => self.sizes.insert(queue.as_bytes(), pack(size, &[]).as_slice())?,
        };
        Ok(())
    }
}

/// Up to `most` items of a queue that are due at `now`, the longest due first.
pub(super) fn list(
    due: &impl ReadableTable<&'static [u8], &'static [u8]>,
    items: &impl ReadableTable<&'static [u8], &'static [u8]>,
    queue: &str,
    now: u64,
    most: usize,
) -> Result<Vec<Item>, Failure> {
    let (from, to) = all_queued(queue);
    let mut listed = Vec::new();
    for entry in due.range(from.as_slice()..to.as_slice())?.take(most) {
        let (key, _) = entry?;
        let (due, id) = untimed(unqueued(key.value())?.1)?;
        if due > now {
            break;
        }
        let stored = items.get(queued(queue, id).as_slice())?;
        let Some(stored) = stored else { continue };
        let value = unpack(stored.value())?.bytes.to_vec();
        listed.push(Item { id: text(id)?, value, due });
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
    list(&due, &items, queue, u64::MAX, most)
}
