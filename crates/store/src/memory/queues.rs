//! Queues in memory: items by id, and in the order in which they are due.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use wxbot_sdk::store::{Item, StoreError};

use crate::contents::Entry;
use crate::limits;

/// Every queue that has an item, by its name.
pub(super) struct Queues {
    queues: Mutex<HashMap<String, Queue>>,
    most: usize,
}

#[derive(Default)]
pub(super) struct Queue {
    values: HashMap<String, (u64, Vec<u8>)>,
    by_due: BTreeSet<(u64, String)>,
}

impl Queues {
    /// With room for `most` items in each queue.
    pub(super) fn new(most: usize) -> Self {
        Self { queues: Mutex::default(), most }
    }

    pub(super) fn push(&self, name: &str, item: Item) -> Result<(), StoreError> {
        let most = self.most;
        self.with(name, |queue| {
            if queue.values.len() >= most && !queue.values.contains_key(&item.id) {
                return Err(StoreError::Full { queue: name.to_owned(), most });
            }
            queue.push(item);
            Ok(())
        })
    }

    /// Does something with a queue; one that is empty then takes no room.
    pub(super) fn with<T>(&self, name: &str, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(name) else {
            let mut queue = Queue::default();
            let done = work(&mut queue);
            if !queue.values.is_empty() {
                queues.insert(name.to_owned(), queue);
            }
            return done;
        };
        let done = work(queue);
        if queue.values.is_empty() {
            queues.remove(name);
        }
        done
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let queues = self.lock();
        let items = |(name, queue): (&String, &Queue)| {
            let name = name.clone();
            let entry = move |item| Entry::Item { queue: name.clone(), item };
            queue.list(usize::MAX).into_iter().map(entry).collect::<Vec<_>>()
        };
        queues.iter().flat_map(items).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.queues.lock().expect("nobody panics in here")
    }
}

impl Queue {
    pub(super) fn update(&mut self, item: Item) -> bool {
        let there = self.values.contains_key(&item.id);
        if there {
            self.push(item);
        }
        there
    }

    pub(super) fn take_due(&mut self, now: u64, again: u64, most: usize) -> Vec<Item> {
        let due = self.by_due.iter().take_while(|(due, _)| *due <= now).take(most);
        let taken: Vec<_> = due.filter_map(|(due, id)| self.item(*due, id)).collect();
        for item in &taken {
            self.push(Item { due: again, ..item.clone() });
        }
        taken
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        let Some((due, _)) = self.values.remove(id) else { return false };
        self.by_due.remove(&(due, id.to_owned()))
    }

    pub(super) fn list(&self, most: usize) -> Vec<Item> {
        self.by_due.iter().take(most).filter_map(|(due, id)| self.item(*due, id)).collect()
    }

    fn push(&mut self, item: Item) {
        self.remove(&item.id);
        let due = limits::due(item.due);
        self.by_due.insert((due, item.id.clone()));
        self.values.insert(item.id, (due, item.value));
    }

    fn item(&self, due: u64, id: &str) -> Option<Item> {
        let (_, value) = self.values.get(id)?;
        Some(Item { id: id.to_owned(), value: value.clone(), due })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_without_items_takes_no_room() {
        let queues = Queues::new(10);
        queues.with("asked only", |queue| queue.list(1));
        queues.push("used", Item { id: "a".into(), value: vec![], due: 0 }).unwrap();
        queues.with("used", |queue| queue.remove("a"));
        assert!(queues.lock().is_empty());
    }
}
