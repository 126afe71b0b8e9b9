//! Keys under which something else than wxbot has put something else: nothing can be kept there,
//! and no time-out says so.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::trouble::Trouble;
use crate::condition::{Condition, Part};

/// Known at once. Of more, it is not noticed when they are good again.
const MOST: usize = 64;

/// The keys whose last call said that they have another type.
#[derive(Default)]
pub(super) struct WrongTypes {
    wrong: Mutex<BTreeSet<Vec<u8>>>,
    /// The same as that it is not empty, for the many calls that find nothing to change.
    are_wrong: AtomicBool,
}

impl WrongTypes {
    /// A call was made with these keys.
    pub(super) fn seen(&self, keys: &[Vec<u8>], trouble: Option<&Trouble>, condition: &Condition) {
        match trouble {
            Some(trouble) if trouble.is_wrong_type() => self.wrong(keys, trouble, condition),
            None if self.are_wrong.load(Ordering::Acquire) => self.right(keys, condition),
            _ => {}
        }
    }

    fn wrong(&self, keys: &[Vec<u8>], trouble: &Trouble, condition: &Condition) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(key) = keys.first().filter(|_| wrong.len() < MOST) else { return };
        condition.degraded(Part::Data, &format!("`{}`: {trouble}", String::from_utf8_lossy(key)));
        wrong.insert(key.clone());
        self.are_wrong.store(true, Ordering::Release);
    }

    fn right(&self, keys: &[Vec<u8>], condition: &Condition) {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.first().is_some_and(|key| wrong.remove(key)) && wrong.is_empty() {
            condition.good(Part::Data);
            self.are_wrong.store(false, Ordering::Release);
        }
    }
}
