//! A map that forgets by itself: bounded in time and in weight, whatever comes.

use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

use crate::hashed::HashedMap;
use crate::log_throttle::LogThrottle;

/// Keeps what was put in for at least `keep` and at most twice as long, and no more than
/// `most_weight` in all: where that much comes sooner, the older half is forgotten.
///
/// Two maps take turns, so that nothing has to be looked for to be forgotten.
pub(crate) struct Generations<K, V> {
    young: HashedMap<K, V>,
    old: HashedMap<K, V>,
    /// Of the young ones.
    weight: usize,
    began: Instant,
    keep: Duration,
    most_weight: usize,
}

/// What there is still room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Everything.
    All,
    /// The older half was forgotten before its time.
    Half,
}

/// Says when a flood makes us forget what we would need to tell a repeat.
pub(crate) struct FloodLog {
    what: &'static str,
    throttle: LogThrottle,
}

impl FloodLog {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, throttle: LogThrottle::default() }
    }

    pub(crate) fn check(&self, kept: Kept) {
        if kept == Kept::Half && self.throttle.allows(self.what, Instant::now()) {
            let what = self.what;
            tracing::warn!(what, "a flood: forgetting early which signed requests were seen");
        }
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    pub(crate) fn new(keep: Duration, most_weight: usize) -> Self {
        let (young, old) = (HashedMap::default(), HashedMap::default());
        Self { young, old, weight: 0, began: Instant::now(), keep, most_weight }
    }

    pub(crate) fn get(&mut self, key: &K, now: Instant) -> Option<&V> {
        self.forget(now);
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Returns whether something was forgotten for it before its time.
    pub(crate) fn insert(&mut self, key: K, value: V, weight: usize, now: Instant) -> Kept {
        self.forget(now);
        let mut kept = Kept::All;
        if self.weight + weight > self.most_weight / 2 {
            if !self.old.is_empty() {
                kept = Kept::Half;
            }
            self.turn(now);
        }
        self.weight += weight;
        self.young.insert(key, value);
        kept
    }

    fn forget(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.began);
        if age >= self.keep {
            self.turn(now);
        }
        if age >= 2 * self.keep {
            self.old.clear();
        }
    }

    fn turn(&mut self, now: Instant) {
        std::mem::swap(&mut self.young, &mut self.old);
        self.young.clear();
        self.weight = 0;
        self.began = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn what_was_put_in_is_there_for_its_time_and_gone_after_twice_that() {
        let mut map = Generations::new(KEEP, 1000);
        map.insert(1u64, 1, 1, Instant::now());
        tokio::time::advance(Duration::from_secs(59)).await;
        map.insert(2, 2, 1, Instant::now());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(map.get(&2, Instant::now()), Some(&2));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(map.get(&1, Instant::now()), None);
        tokio::time::advance(KEEP * 2).await;
        assert_eq!(map.get(&2, Instant::now()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_makes_it_forget_the_older_half() {
        let mut map = Generations::new(KEEP, 1000);
        for n in 0..100_000u64 {
            map.insert(n, n, 10, Instant::now());
            assert!(map.young.len() + map.old.len() <= 100, "after {n}");
        }
        assert_eq!(map.get(&99_999, Instant::now()), Some(&99_999));
        assert_eq!(map.get(&99_951, Instant::now()), Some(&99_951), "the younger half is there");
    }
}
