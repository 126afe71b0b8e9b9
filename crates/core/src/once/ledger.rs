//! Stop 4, have we met it? WeChat delivers a message up to three times (protocol section 2.6).
//!
//! The ledger knows every message that is worked on or was answered lately. A repeat joins the
//! work in progress or gets the response already given. It is bounded in time and in bytes.

use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::generations::Generations;
use crate::hashed::HashedMap;
use crate::key::MessageKey;
use crate::response::Response;

const SHARDS: usize = 64;
/// What an entry costs beside its response.
const ENTRY_BYTES: usize = 128;

/// How much the ledger remembers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// WeChat's last delivery comes about 10 s after the first.
    pub(crate) keep: Duration,
    /// Of responses.
    pub(crate) bytes: usize,
}

/// The messages of one account. `W` is what the deliveries of a message share while it is worked
/// on.
pub(crate) struct Ledger<W> {
    shards: Box<[Mutex<Shard<W>>]>,
}

struct Shard<W> {
    running: HashedMap<MessageKey, Arc<W>>,
    answered: Generations<MessageKey, Response>,
}

/// Whether a message was met before.
pub(crate) enum Lookup<W> {
    /// It was not: this is the work to be done.
    First(Arc<W>),
    /// It is worked on.
    Running(Arc<W>),
    /// This was the response.
    Answered(Response),
}

impl<W> Ledger<W> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let shard = |_| {
            let answered = Generations::new(bounds.keep, bounds.bytes / SHARDS);
            Mutex::new(Shard { running: HashedMap::default(), answered })
        };
        Self { shards: (0..SHARDS).map(shard).collect() }
    }

    /// Looks a message up; one that was not met is running from now on, as `work`.
    pub(crate) fn look_up(
        &self,
        key: MessageKey,
        now: Instant,
        work: impl FnOnce() -> Arc<W>,
    ) -> Lookup<W> {
        let mut shard = self.shard(key);
        let Shard { running, answered } = &mut *shard;
        match running.entry(key) {
            Entry::Occupied(work) => Lookup::Running(Arc::clone(work.get())),
            Entry::Vacant(place) => match answered.get(&key, now) {
                Some(response) => Lookup::Answered(response.clone()),
                None => Lookup::First(Arc::clone(place.insert(work()))),
            },
        }
    }

    /// Remembers the response to a message, for the repeats that still come.
    pub(crate) fn record(&self, key: MessageKey, response: Response, now: Instant) {
        let mut shard = self.shard(key);
        shard.running.remove(&key);
        let bytes = ENTRY_BYTES + response.bytes();
        shard.answered.insert(key, response, bytes, now);
    }

    /// Whether a message is worked on here.
    pub(crate) fn is_running(&self, key: MessageKey) -> bool {
        self.shard(key).running.contains_key(&key)
    }

    fn shard(&self, key: MessageKey) -> MutexGuard<'_, Shard<W>> {
        let shard = &self.shards[key.shard(SHARDS)];
        shard.lock().expect("no code panics while holding this lock")
    }
}
