//! Queues in memory: items by id, and in the order in which they are due.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_sdk::store::{Cursor, FencingToken, Item, QueuedItem, StoreError};

use crate::contents::Entry;
use crate::limits;
use crate::token::token;

/// Every queue that has an item, by its name.
pub(super) struct Queues {
    queues: Mutex<HashMap<String, Queue>>,
    most: usize,
}

#[derive(Default)]
pub(super) struct Queue {
    items: HashMap<String, Stored>,
    by_due: BTreeSet<Cursor>,
}

struct Stored {
    value: Vec<u8>,
    due: u64,
    token: FencingToken,
    is_leased: bool,
}

impl Queues {
    /// With room for `most` items in each queue.
    pub(super) fn new(most: usize) -> Self {
        Self { queues: Mutex::default(), most }
    }

    pub(super) fn push(
        &self,
        name: &str,
        item: Item,
        is_leased: bool,
    ) -> Result<FencingToken, StoreError> {
        self.with(name, |queue| {
            if !queue.items.contains_key(&item.id) {
                self.check_room(name, queue)?;
            }
            Ok(queue.write(item, is_leased))
        })
    }

    pub(super) fn push_new(&self, name: &str, item: Item) -> Result<bool, StoreError> {
        self.with(name, |queue| {
            if queue.items.contains_key(&item.id) {
                return Ok(false);
            }
            self.check_room(name, queue)?;
            queue.write(item, false);
            Ok(true)
        })
    }

    fn check_room(&self, name: &str, queue: &Queue) -> Result<(), StoreError> {
        let most = self.most;
        match queue.items.len() < most {
            true => Ok(()),
            false => Err(StoreError::Full { queue: name.to_owned(), most }),
        }
    }

    /// Does something with a queue; one that is empty then takes no room.
    pub(super) fn with<T>(&self, name: &str, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(name) else {
            let mut queue = Queue::default();
            let done = work(&mut queue);
            if !queue.items.is_empty() {
                queues.insert(name.to_owned(), queue);
            }
            return done;
        };
        let done = work(queue);
        if queue.items.is_empty() {
            queues.remove(name);
        }
        done
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let queues = self.lock();
        let items = |(name, queue): (&String, &Queue)| {
            let name = name.clone();
            let entry =
                move |queued: QueuedItem| Entry::Item { queue: name.clone(), item: queued.item };
            queue.list_after(None, usize::MAX).into_iter().map(entry).collect::<Vec<_>>()
        };
        queues.iter().flat_map(items).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    pub(super) fn count(&self) -> u64 {
        self.items.len() as u64
    }

    pub(super) fn get(&self, id: &str) -> Option<QueuedItem> {
        let Stored { value, due, token, is_leased } = self.items.get(id)?;
        let item = Item { id: id.to_owned(), value: value.clone(), due: *due };
        Some(QueuedItem { item, token: *token, is_leased: *is_leased })
    }

    pub(super) fn list_after(&self, after: Option<&Cursor>, most: usize) -> Vec<QueuedItem> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let places = self.by_due.range((from, Bound::Unbounded)).take(most);
        places.filter_map(|place| self.get(&place.id)).collect()
    }

    pub(super) fn update_if(&mut self, item: Item, token: FencingToken) -> bool {
        let is_last = self.is_last(&item.id, token);
        if is_last {
            self.write(item, false);
        }
        is_last
    }

    /// What is due at `now`, as it stands from now on.
    pub(super) fn lease_due(&mut self, now: u64, until: u64, most: usize) -> Vec<QueuedItem> {
        let due = self.by_due.iter().take_while(|place| place.due <= now).take(most);
        let due: Vec<_> = due.filter_map(|place| self.get(&place.id)).collect();
        let lease = |queued: QueuedItem| {
            let item = Item { due: limits::due(until), ..queued.item };
            let token = self.write(item.clone(), true);
            QueuedItem { item, token, is_leased: true }
        };
        due.into_iter().map(lease).collect()
    }

    pub(super) fn renew(
        &mut self,
        id: &str,
        token: FencingToken,
        until: u64,
        value: Option<Vec<u8>>,
    ) -> bool {
        let Some(stored) = self.items.get_mut(id) else { return false };
        if stored.token != token || !stored.is_leased {
            return false;
        }
        let due = limits::due(until);
        self.by_due.remove(&Cursor { due: stored.due, id: id.to_owned() });
        self.by_due.insert(Cursor { due, id: id.to_owned() });
        stored.due = due;
        stored.value = value.unwrap_or_else(|| std::mem::take(&mut stored.value));
        true
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some(Stored { due, .. }) = self.items.remove(id) else { return false };
        self.by_due.remove(&Cursor { due, id: id.to_owned() })
    }

    pub(super) fn remove_if(&mut self, id: &str, token: FencingToken) -> bool {
        self.is_last(id, token) && self.remove(id)
    }

    fn is_last(&self, id: &str, token: FencingToken) -> bool {
        self.items.get(id).is_some_and(|stored| stored.token == token)
    }

    fn write(&mut self, Item { id, value, due }: Item, is_leased: bool) -> FencingToken {
        self.remove(&id);
        let due = limits::due(due);
        self.by_due.insert(Cursor { due, id: id.clone() });
        let token = token();
        self.items.insert(id, Stored { value, due, token, is_leased });
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_without_items_takes_no_room() {
        let queues = Queues::new(10);
        queues.with("asked only", |queue| queue.list_after(None, 1));
        queues.push("used", Item { id: "a".into(), value: vec![], due: 0 }, false).unwrap();
        queues.with("used", |queue| queue.remove("a"));
        assert!(queues.lock().is_empty());
    }
}
