//! A list that keeps its newest entries.

use std::collections::VecDeque;

/// More than a test looks at, and little memory.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Log<T> {
    entries: VecDeque<T>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new() }
    }
}

impl<T: Clone> Log<T> {
    pub(crate) fn push(&mut self, entry: T) {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn to_vec(&self) -> Vec<T> {
        self.entries.iter().cloned().collect()
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
}
