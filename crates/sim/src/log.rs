//! A list that keeps its newest entries.

use std::collections::VecDeque;

/// More than a test looks at, and little memory.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<T>,
    forgotten: u64,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), forgotten: 0 }
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn push(&mut self, entry: T) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.entries.iter().cloned().collect()
    }

    /// How many there were, forgotten ones among them.
    pub(crate) fn count(&self) -> u64 {
        self.forgotten + self.entries.len() as u64
    }

    /// What came after the first so many, as far as it is not forgotten.
    pub(crate) fn since(&self, count: u64) -> Vec<T> {
        let skipped = usize::try_from(count.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let mut log = Log::default();
        (0..KEPT + 2).for_each(|entry| log.push(entry));
        let kept = log.to_vec();
        assert_eq!((kept.len(), kept.first(), kept.last()), (KEPT, Some(&2), Some(&(KEPT + 1))));
    }

    #[test]
    fn what_is_new_is_counted_from_the_first() {
        let mut log = Log::default();
        (0..KEPT + 2).for_each(|entry| log.push(entry));
        let count = log.count();
        log.push(7);
        assert_eq!(log.since(count), [7]);
        assert_eq!((log.since(0).len(), log.since(count + 1).len()), (KEPT, 0));
    }
}
