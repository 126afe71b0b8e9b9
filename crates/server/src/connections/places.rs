//! The places of all connections.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::waiting::Waiting;

/// Who has a place, by number.
#[derive(Default)]
pub(super) struct Places {
    pub(super) waiting: RefCell<BTreeMap<u64, Rc<Waiting>>>,
    next_id: Cell<u64>,
    /// The server stops, so that no other request may follow.
    pub(super) is_stopping: Cell<bool>,
}

impl Places {
    /// Gives a new connection its place.
    pub(super) fn take(&self, waiting: Rc<Waiting>) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.waiting.borrow_mut().insert(id, waiting);
        id
    }

    /// A connection is over.
    pub(super) fn release(&self, id: u64) {
        self.waiting.borrow_mut().remove(&id);
    }
}
