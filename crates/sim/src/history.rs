//! A bounded list that drops its oldest entries.

use std::collections::VecDeque;

/// More than a test looks at, in little memory.
const CAPACITY: usize = 10_000;

#[derive(Debug)]
pub(crate) struct History<T> {
    entries: VecDeque<T>,
    dropped: u64,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), dropped: 0 }
    }
}

impl<T: Clone> History<T> {
    pub(crate) fn push(&mut self, entry: T) {
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.entries.iter().cloned().collect()
    }

    /// How many entries were pushed in all, dropped ones included.
    pub(crate) fn count(&self) -> u64 {
        self.dropped + self.entries.len() as u64
    }

    /// The entries after the first `count`, except dropped ones.
    pub(crate) fn since(&self, count: u64) -> Vec<T> {
        let skipped = usize::try_from(count.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let mut history = History::default();
        (0..CAPACITY + 2).for_each(|entry| history.push(entry));
        let kept = history.to_vec();
        assert_eq!(
            (kept.len(), kept.first(), kept.last()),
            (CAPACITY, Some(&2), Some(&(CAPACITY + 1)))
        );
    }

    #[test]
    fn new_entries_are_counted_from_the_first() {
        let mut history = History::default();
        (0..CAPACITY + 2).for_each(|entry| history.push(entry));
        let count = history.count();
        history.push(7);
        assert_eq!(history.since(count), [7]);
        assert_eq!((history.since(0).len(), history.since(count + 1).len()), (CAPACITY, 0));
    }
}
