//! Stop 4, have we met it? WeChat delivers a message up to three times (protocol section 2.6).
//!
//! The ledger knows every message that is worked on or was answered lately. A repeat joins the
//! running work or gets the answer already given. It is bounded in time and in bytes.

use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use sha1::{Digest, Sha1};
use tokio::time::Instant;

use crate::generations::Generations;
use crate::hashed::HashedMap;
use crate::signature::Verified;
use crate::window::Window;
use crate::work::{Said, Work};
use wxbot_sdk::fields::Fields;
use wxbot_sdk::message::{Content, Message};

/// What makes a message the same one, whichever delivery it comes with.
///
/// For messages the account, the openid and the MsgId. For events, which have no id, everything
/// they say: two events of one second differ in something, and a repeat in nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key([u8; 20]);

impl Key {
    pub(crate) fn of(account: &str, message: &Message) -> Self {
        let mut digest = Parts(Sha1::new());
        digest.add(account);
        digest.add(&message.openid);
        match message.msg_id {
            Some(id) if !matches!(message.content, Content::Event(_)) => {
                digest.0.update(id.to_le_bytes());
            }
            _ => digest.all(message.fields()),
        }
        Self(digest.0.finalize().into())
    }

    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut key = [0; 20];
        hex::decode_to_slice(text, &mut key).ok()?;
        Some(Self(key))
    }
}

/// A part of what is a hash already.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (_, part) = self.0.split_last_chunk().expect("it is longer");
        state.write_u64(u64::from_le_bytes(*part));
    }
}

/// Hashes texts so that none of them can pass for two, or two for one.
struct Parts<D>(D);

impl<D: Digest> Parts<D> {
    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    /// All that was said.
    fn all(&mut self, fields: &Fields) {
        for (place, both) in fields.said() {
            self.0.update(place.depth.to_le_bytes());
            self.0.update(place.name.to_le_bytes());
            self.add(both);
        }
    }
}

const SHARDS: usize = 64;
/// What an entry costs beside its answer.
const ENTRY_BYTES: usize = 128;

/// How much the ledger remembers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// WeChat's last delivery comes about 10 s after the first.
    pub(crate) keep: Duration,
    /// Of answers.
    pub(crate) bytes: usize,
}

/// The messages of one account.
pub(crate) struct Ledger {
    shards: Box<[Mutex<Shard>]>,
}

struct Shard {
    running: HashedMap<Key, Arc<Work>>,
    answered: Generations<Key, Said>,
}

/// Whether a message was met before.
pub(crate) enum Met {
    /// It was not: here is the work to be done.
    First(Arc<Work>),
    /// It is worked on.
    Running(Arc<Work>),
    /// This was the answer.
    Answered(Said),
}

impl Ledger {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let shard = |_| {
            let answered = Generations::new(bounds.keep, bounds.bytes / SHARDS);
            Mutex::new(Shard { running: HashedMap::default(), answered })
        };
        Self { shards: (0..SHARDS).map(shard).collect() }
    }

    /// Meets a message; a first one is running from now on.
    pub(crate) fn meet(&self, key: Key, now: Instant, window: Window) -> Met {
        let mut shard = self.shard(key);
        let Shard { running, answered } = &mut *shard;
        match running.entry(key) {
            Entry::Occupied(work) => Met::Running(Arc::clone(work.get())),
            Entry::Vacant(place) => match answered.get(&key, now) {
                Some(said) => Met::Answered(said.clone()),
                None => Met::First(Arc::clone(place.insert(Arc::new(Work::new(key, now, window))))),
            },
        }
    }

    /// Remembers how a message was answered, for the repeats that still come.
    pub(crate) fn answered(&self, key: Key, said: Said) {
        let mut shard = self.shard(key);
        shard.running.remove(&key);
        let bytes = ENTRY_BYTES + said.bytes();
        shard.answered.insert(key, said, bytes, Instant::now());
    }

    /// Whether a message is worked on here.
    pub(crate) fn is_running(&self, key: Key) -> bool {
        self.shard(key).running.contains_key(&key)
    }

    fn shard(&self, key: Key) -> MutexGuard<'_, Shard> {
        let place = usize::from(key.0[0]) % SHARDS;
        self.shards[place].lock().expect("nobody panics in here")
    }
}

/// What each signed query was used for. In plain mode the signature does not cover the body: who
/// has seen one query could put any message behind it (protocol section 2.1).
pub(crate) struct Uses {
    seen: Mutex<Generations<u64, u64>>,
    keys: RandomState,
}

/// Queries that are remembered, 48 bytes each.
const MOST_USES: usize = 1 << 20;
const USE_WEIGHT: usize = 1;

impl Uses {
    /// `keep` is how long a timestamp is taken.
    pub(crate) fn new(keep: Duration) -> Self {
        Self { seen: Mutex::new(Generations::new(keep, MOST_USES)), keys: RandomState::new() }
    }

    /// Whether this query came with another message before. What was said is compared, not its
    /// bytes: a repeat may be written in another way.
    pub(crate) fn is_forged(
        &self,
        verified: &Verified<'_>,
        message: &Message,
        now: Instant,
    ) -> bool {
        let query = self.keys.hash_one(verified.once());
        let said = self.keys.hash_one(SaidByAll(message));
        let mut seen = self.seen.lock().expect("nobody panics in here");
        match seen.get(&query, now) {
            Some(before) => *before != said,
            None => {
                seen.insert(query, said, USE_WEIGHT, now);
                false
            }
        }
    }
}

/// Hashes all that a message says.
struct SaidByAll<'m>(&'m Message);

impl Hash for SaidByAll<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fields().said().for_each(|said| said.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope;

    fn event(fields: &str) -> Message {
        let body = format!(
            "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName>\
             <CreateTime>1735689700</CreateTime><MsgType>event</MsgType><Event>x</Event>{fields}</xml>"
        );
        Message::read(envelope::read(body.as_bytes()).unwrap().0).unwrap()
    }

    /// Whether two are the same, for the ledger and for a signed query alike.
    #[track_caller]
    fn check(one: &str, other: &str, same: bool, why: &str) {
        let (one, other) = (event(one), event(other));
        let keys = RandomState::new();
        let (said, and) = (keys.hash_one(SaidByAll(&one)), keys.hash_one(SaidByAll(&other)));
        assert_eq!(said == and, same, "{why}");
        assert_eq!(Key::of("main", &one) == Key::of("main", &other), same, "{why}");
    }

    #[test]
    fn two_are_the_same_if_all_they_say_is() {
        check("<A>1</A>", "<A><![CDATA[1]]></A>", true, "written in another way");
        check("<A>1</A>", "<A>1</A><Encrypt>x</Encrypt>", true, "sealed anew each time");
        check("<A>1</A>", "<A>2</A>", false, "another text");
        check("<A>B1</A>", "<AB>1</AB>", false, "a letter of the text is one of the name");
        check("<A>1</A><B>2</B>", "<A>1B2</A>", false, "two elements or one");
        check("<A/><B>2</B>", "<A><B>2</B></A>", false, "beside it or in it");
    }
}
