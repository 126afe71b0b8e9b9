//! Stop 4, have we met it? WeChat delivers a message up to three times (protocol section 2.6).
//!
//! The ledger knows every message that is worked on or was answered lately. A repeat joins the
//! work in progress or gets the response already given. It is bounded in time and in bytes.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::generations::{FloodLog, Generations};
use crate::hashed::HashedMap;
use crate::key::MessageKey;
use crate::response::Response;

const SHARDS: usize = 64;
/// Messages of which no more than that they were answered is remembered, 20 to 40 bytes each.
const MAX_SEEN: usize = 1 << 20;
/// What an entry costs beside its response.
const ENTRY_BYTES: usize = 128;

/// How much the ledger remembers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// WeChat's last delivery comes about 10 s after the first.
    pub(crate) keep: Duration,
    /// Of responses.
    pub(crate) bytes: usize,
    /// How long the timestamp of a signed request is accepted: so long a captured one could come
    /// again, and must not be worked on again.
    pub(crate) accepted_for: Duration,
}

/// The messages of one account. `W` is what the deliveries of a message share while it is worked
/// on.
pub(crate) struct Ledger<W> {
    shards: Box<[Mutex<Shard<W>>]>,
    flood: FloodLog,
}

struct Shard<W> {
    running: HashedMap<MessageKey, Arc<W>>,
    answered: Generations<MessageKey, Given>,
    /// By a part of the key.
    seen: Generations<u64, SeenBy>,
}

/// A response, and whether a repeat came for it.
struct Given {
    response: Response,
    repeated: Cell<bool>,
}

/// Who has seen a message answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SeenBy {
    /// This process, which then has nothing more to do about it.
    This,
    /// The previous one, or another instance.
    Another,
}

/// Whether a message was met before.
pub(crate) enum Lookup<W> {
    /// It was not: this is the work to be done.
    First(Arc<W>),
    /// It is worked on.
    Running(Arc<W>),
    /// This was the response.
    Answered(Response),
    /// It was answered so long ago that the response is forgotten: WeChat repeats nothing then.
    Replayed,
}

impl Given {
    fn new(response: Response) -> Self {
        Self { response, repeated: Cell::new(false) }
    }
}

impl<W> Ledger<W> {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let shard = |_| {
            let answered = Generations::new(bounds.keep, bounds.bytes / SHARDS);
            let seen = Generations::new(bounds.accepted_for, MAX_SEEN / SHARDS);
            Mutex::new(Shard { running: HashedMap::default(), answered, seen })
        };
        Self { shards: (0..SHARDS).map(shard).collect(), flood: FloodLog::new("messages") }
    }

    /// Looks a message up; one that was not met is running from now on, as `work`.
    pub(crate) fn look_up(
        &self,
        key: MessageKey,
        now: Instant,
        work: impl FnOnce() -> Arc<W>,
    ) -> Lookup<W> {
        self.look(key, now, work, |_| true)
    }

    /// The same for work that was promised and whose promise is still in the store: that another
    /// process had WeChat answered does not mean that the work is done.
    pub(crate) fn look_up_promised(
        &self,
        key: MessageKey,
        now: Instant,
        work: impl FnOnce() -> Arc<W>,
    ) -> Lookup<W> {
        self.look(key, now, work, |by| by == SeenBy::This)
    }

    fn look(
        &self,
        key: MessageKey,
        now: Instant,
        work: impl FnOnce() -> Arc<W>,
        counts: impl FnOnce(SeenBy) -> bool,
    ) -> Lookup<W> {
        let mut shard = self.shard(key.short());
        let Shard { running, answered, seen } = &mut *shard;
        match running.entry(key) {
            Entry::Occupied(work) => Lookup::Running(Arc::clone(work.get())),
            Entry::Vacant(place) => match answered.get(&key, now) {
                Some(given) => {
                    given.repeated.set(true);
                    Lookup::Answered(given.response.clone())
                }
                None if seen.get(&key.short(), now).is_some_and(|by| counts(*by)) => {
                    Lookup::Replayed
                }
                None => Lookup::First(Arc::clone(place.insert(work()))),
            },
        }
    }

    /// Remembers the response to a message, for the repeats that still come.
    pub(crate) fn record(&self, key: MessageKey, response: Response, now: Instant) {
        let mut shard = self.shard(key.short());
        shard.running.remove(&key);
        let bytes = ENTRY_BYTES + response.bytes();
        shard.answered.insert(key, Given::new(response), bytes, now);
        let kept = shard.seen.insert(key.short(), SeenBy::This, 1, now);
        drop(shard);
        self.flood.check(kept);
    }

    /// Another process has seen this message answered.
    pub(crate) fn restore_seen(&self, key: u64, now: Instant) {
        let mut shard = self.shard(key);
        if shard.seen.get(&key, now).is_none() {
            let kept = shard.seen.insert(key, SeenBy::Another, 1, now);
            drop(shard);
            self.flood.check(kept);
        }
    }

    /// The previous process answered this.
    pub(crate) fn restore_answer(&self, key: MessageKey, response: Response, now: Instant) {
        let mut shard = self.shard(key.short());
        if !shard.running.contains_key(&key) && shard.answered.get(&key, now).is_none() {
            let bytes = ENTRY_BYTES + response.bytes();
            shard.answered.insert(key, Given::new(response), bytes, now);
        }
    }

    /// Whether a delivery came after the response was recorded, and was given it.
    pub(crate) fn was_repeated(&self, key: MessageKey, now: Instant) -> bool {
        let mut shard = self.shard(key.short());
        shard.answered.get(&key, now).is_some_and(|given| given.repeated.get())
    }

    /// Whether a message is worked on here.
    pub(crate) fn is_running(&self, key: MessageKey) -> bool {
        self.shard(key.short()).running.contains_key(&key)
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, Shard<W>> {
        // By other bits than those by which a map finds it.
        let shard = &self.shards[(key >> 32) as usize % SHARDS];
        shard.lock().expect("no code panics while holding this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wxbot_sdk::fields::Fields;
    use wxbot_sdk::message::Message;

    fn key() -> MessageKey {
        let mut fields = Fields::default();
        let kind = fields.push(0, "MsgType");
        fields.push_text(kind, "text");
        MessageKey::of("main", &Message::read(fields).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_captured_request_is_not_worked_on_again_while_it_would_be_accepted() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let bounds = Bounds { keep: minutes(1), bytes: 1 << 20, accepted_for: minutes(10) };
        let (ledger, begins) = (Ledger::<()>::new(bounds), Instant::now());
        let look_up = |after: Duration| {
            let looked_up = ledger.look_up(key(), begins + after, || Arc::new(()));
            match looked_up {
                Lookup::First(_) => "first",
                Lookup::Running(_) => "running",
                Lookup::Answered(_) => "answered",
                Lookup::Replayed => "replayed",
            }
        };
        assert_eq!(look_up(Duration::ZERO), "first");
        assert_eq!(look_up(Duration::from_secs(5)), "running");
        ledger.record(key(), Response::Success, begins + Duration::from_secs(5));
        assert_eq!(look_up(Duration::from_secs(10)), "answered");
        assert_eq!(look_up(minutes(3)), "replayed");
        assert_eq!(look_up(minutes(9)), "replayed");
        assert_eq!(look_up(minutes(25)), "first", "its signature is too old by then");
    }
}
