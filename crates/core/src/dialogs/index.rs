//! Which followers may have a dialog, where one process knows all there are: for nobody else's
//! message the store is asked.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use foldhash::quality::RandomState;

use crate::hashed::HashedMap;

/// Beyond so many followers, 16 bytes each, the store is asked for everybody.
const MOST: usize = 1 << 20;

/// Followers by a hash, each until their last dialog is over, in Unix milliseconds.
pub(super) struct Index {
    followers: Mutex<HashedMap<u64, u64>>,
    /// Whether it has all there are.
    is_complete: AtomicBool,
    hashes: RandomState,
}

impl Index {
    pub(super) fn new(is_complete: bool) -> Self {
        let (followers, hashes) = (Mutex::default(), RandomState::default());
        Self { followers, is_complete: AtomicBool::new(is_complete), hashes }
    }

    /// All that another process left behind were noted.
    pub(super) fn complete(&self) {
        let is_full = self.followers().len() >= MOST;
        self.is_complete.store(!is_full, Ordering::Release);
    }

    pub(super) fn note(&self, account: &str, openid: &str, until: u64, now: u64) {
        let mut followers = self.followers();
        if followers.len() == followers.capacity() || followers.len() >= MOST {
            followers.retain(|_, until| *until > now);
        }
        if followers.len() >= MOST {
            return self.is_complete.store(false, Ordering::Release);
        }
        let last = followers.entry(self.hash(account, openid)).or_default();
        *last = until.max(*last);
    }

    pub(super) fn forget(&self, account: &str, openid: &str) {
        self.followers().remove(&self.hash(account, openid));
    }

    /// Whether a follower may have a dialog.
    pub(super) fn may_have(&self, account: &str, openid: &str, now: u64) -> bool {
        if !self.is_complete.load(Ordering::Acquire) {
            return true;
        }
        let followers = self.followers();
        !followers.is_empty()
            && followers.get(&self.hash(account, openid)).is_some_and(|until| *until > now)
    }

    fn hash(&self, account: &str, openid: &str) -> u64 {
        self.hashes.hash_one((account, openid))
    }

    fn followers(&self) -> MutexGuard<'_, HashedMap<u64, u64>> {
        self.followers.lock().expect("no code panics while holding this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_is_known_until_the_last_dialog_is_over() {
        let index = Index::new(true);
        assert!(!index.may_have("main", "alice", 0));
        index.note("main", "alice", 100, 0);
        index.note("main", "alice", 50, 0);
        assert!(index.may_have("main", "alice", 99));
        assert!(!index.may_have("main", "alice", 100));
        assert!(!index.may_have("other", "alice", 0) && !index.may_have("main", "bob", 0));
        index.forget("main", "alice");
        assert!(!index.may_have("main", "alice", 0));
    }

    #[test]
    fn who_does_not_know_all_asks_for_everybody() {
        let index = Index::new(false);
        assert!(index.may_have("main", "bob", 0));
        index.note("main", "alice", 100, 0);
        index.complete();
        assert!(index.may_have("main", "alice", 0) && !index.may_have("main", "bob", 0));
    }

    #[test]
    fn it_has_a_bound_and_makes_room_for_who_is_new() {
        let index = Index::new(true);
        let fill = |from: usize, until: u64, now: u64| {
            (from..from + MOST).for_each(|n| index.note("main", &n.to_string(), until, now));
        };
        fill(0, 100, 0);
        assert!(index.may_have("main", "0", 99) && !index.may_have("main", "bob", 99));
        fill(MOST, 300, 200);
        assert!(index.followers().len() <= MOST);
        assert!(!index.may_have("main", "0", 201) && !index.may_have("main", "bob", 201));
        index.note("main", "one more", 300, 200);
        assert!(index.may_have("main", "bob", 201), "nobody knows any more");
    }
}
