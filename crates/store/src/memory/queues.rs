//! Queues in memory: items by id, and in the order in which they are due.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use wxbot_core::store::Item;

/// Every queue, by its name.
#[derive(Default)]
pub(crate) struct Queues {
    queues: Mutex<HashMap<String, Queue>>,
}

#[derive(Default)]
pub(crate) struct Queue {
    values: HashMap<String, (u64, Vec<u8>)>,
    by_due: BTreeSet<(u64, String)>,
}

impl Queues {
    pub(crate) fn with<T>(&self, name: &str, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.queues.lock().expect("nobody panics in here");
        work(queues.entry(name.to_owned()).or_default())
    }
}

impl Queue {
    pub(crate) fn push(&mut self, item: Item) {
        self.remove(&item.id);
        self.by_due.insert((item.due, item.id.clone()));
        self.values.insert(item.id, (item.due, item.value));
    }

    pub(crate) fn update(&mut self, item: Item) -> bool {
        let there = self.values.contains_key(&item.id);
        if there {
            self.push(item);
        }
        there
    }

    pub(crate) fn take_due(&mut self, now: u64, again: u64, most: usize) -> Vec<Item> {
        let due = self.by_due.iter().take_while(|(due, _)| *due <= now).take(most);
        let taken: Vec<_> = due.filter_map(|(due, id)| self.item(*due, id)).collect();
        for item in &taken {
            self.push(Item { due: again, ..item.clone() });
        }
        taken
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some((due, _)) = self.values.remove(id) else { return false };
        self.by_due.remove(&(due, id.to_owned()))
    }

    pub(crate) fn list(&self, most: usize) -> Vec<Item> {
        self.by_due.iter().take(most).filter_map(|(due, id)| self.item(*due, id)).collect()
    }

    fn item(&self, due: u64, id: &str) -> Option<Item> {
        let (_, value) = self.values.get(id)?;
        Some(Item { id: id.to_owned(), value: value.clone(), due })
    }
}
