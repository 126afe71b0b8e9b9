//! What the instances of a bot tell each other, where they share a store: who works on which
//! message, what was said, whose turn it is.
//!
//! A record in the store decides, so that a repeat may arrive anywhere and an instance may die at
//! any moment. A store in trouble is no reason to be silent: each instance then goes by what it
//! knows itself.

mod turn;
mod looks;

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::late::Promise;
use crate::repeat::Key;
use crate::road::Bot;
use crate::work::Said;
use wxbot_sdk::store::{Reach, Store, StoreError, Swap};

use looks::Looks;

/// An instance that was not heard of for so long is dead.
const ALIVE_FOR: Duration = Duration::from_secs(4);
/// So often an instance is heard of.
const BEAT: Duration = Duration::from_secs(1);
/// Work takes no longer, or other instances forget that it goes on.
const RECORD_FOR: Duration = Duration::from_secs(15 * 60);
/// WeChat repeats nothing that was answered so long ago.
const SAID_FOR: Duration = Duration::from_secs(60);
/// Somebody else changed the record just now; more often than this is a store in trouble.
const TRIES: u32 = 16;

/// Says that this instance is alive until the bot is gone.
pub(crate) async fn beat(bot: Weak<Bot>) {
    while let Some(bot) = bot.upgrade() {
        if let Some(peers) = bot.peers() {
            peers.beat().await;
        }
        drop(bot);
        sleep(BEAT).await;
    }
}

/// The other instances, as the store shows them.
pub(crate) struct Peers {
    store: Arc<dyn Store>,
    me: String,
}

/// What is known about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// The instance that works on it.
    owner: String,
    /// What WeChat was told, or is told from now on.
    said: Option<Said>,
    /// What was said is not the answer, which follows.
    late: Option<Promise>,
    /// The entry of the outbox that has the late answer, or had it.
    answer: Option<String>,
    /// WeChat has the answer.
    taken: bool,
}

impl Record {
    /// Whether nobody waits for what was promised: the answer was given, or WeChat heard something
    /// else before it heard of this promise.
    fn is_over_for(&self, promise: &str) -> bool {
        let counts = self.late.as_ref().is_some_and(|late| late.id == promise);
        self.answer.is_some() || (self.said.is_some() && !counts)
    }
}

/// Who works on a message.
pub(crate) enum Claim {
    /// This instance.
    Mine,
    /// Nobody any more: this was said.
    Said(Said),
}

/// Whose work it is that an instance had promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakeOver {
    /// This instance's now.
    Mine,
    /// Another one's.
    Theirs,
    /// Nobody's: it is done.
    Finished,
}

/// What became of a decision.
pub(crate) enum Verdict {
    /// It counts.
    Mine,
    /// Something else was said before. If that was no answer, it was promised.
    Before(Said, Option<Promise>),
    /// Another instance works on it now: what this one did does not count.
    Lost,
}

impl Peers {
    /// `None` where nobody else sees the store.
    pub(crate) fn new(store: &Arc<dyn Store>, me: &str) -> Option<Self> {
        let shared = store.reach() == Reach::Instances;
        shared.then(|| Self { store: Arc::clone(store), me: me.to_owned() })
    }

    /// Says that this instance is alive.
    async fn beat(&self) {
        let alive = self.store.put(&alive(&self.me), b"1".to_vec(), ALIVE_FOR).await;
        if let Err(error) = alive {
            tracing::debug!(%error, "the other instances can't hear of this one");
        }
    }

    /// Whether an instance is alive. In doubt it is: two would work on one message.
    pub(crate) async fn is_alive(&self, instance: &str) -> bool {
        instance == self.me || !matches!(self.store.get(&alive(instance)).await, Ok(None))
    }

    /// Waits until a message is this instance's to work on, or was answered by another.
    pub(crate) async fn claim(&self, key: Key) -> Claim {
        let mut looks = Looks::new();
        loop {
            match self.try_claim(key).await {
                Ok(Some(claim)) => return claim,
                Ok(None) => looks.went_well(),
                Err(error) if looks.gave_up() => {
                    tracing::debug!(%error, "goes by what this instance knows");
                    return Claim::Mine;
                }
                Err(_) => {}
            }
            looks.pause().await;
        }
    }

    async fn try_claim(&self, key: Key) -> Result<Option<Claim>, StoreError> {
        let (mine, name) = (self.record(), record(key));
        match self.swap(&name, None, &mine).await? {
            Swap::Done => Ok(Some(Claim::Mine)),
            Swap::Found(found) => {
                let Some(theirs) = read(found.as_deref()) else { return Ok(None) };
                if let Some(said) = theirs.said {
                    return Ok(Some(Claim::Said(said)));
                }
                if theirs.owner == self.me {
                    return Ok(Some(Claim::Mine));
                }
                if self.is_alive(&theirs.owner).await {
                    return Ok(None);
                }
                tracing::info!("takes over what a dead instance worked on");
                let swap = self.swap(&name, found.as_deref(), &mine).await?;
                Ok((swap == Swap::Done).then_some(Claim::Mine))
            }
        }
    }

    /// Takes over the work of which `from`, who is dead, wrote down this promise. Somebody may have
    /// taken it over before and died as well, with the promise still in the other's name.
    pub(crate) async fn take_over(&self, key: Key, promise: &str, from: &str) -> TakeOver {
        let owner = self.owner(key).await;
        let dead = if self.is_alive(&owner).await { from } else { &owner };
        let mut result = TakeOver::Mine;
        let taken = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            result = match &record {
                record if record.is_over_for(promise) => TakeOver::Finished,
                record if ![from, dead, &self.me].contains(&&*record.owner) => TakeOver::Theirs,
                _ => TakeOver::Mine,
            };
            (result == TakeOver::Mine).then(|| Record { owner: self.me.clone(), ..record })
        });
        if taken.await.is_err() { TakeOver::Theirs } else { result }
    }

    /// The late answer is in this entry of the outbox: no promise of it counts any more. Says
    /// whether this entry counts, or another one that has it, too.
    pub(crate) async fn finish(&self, key: Key, entry: &str) -> bool {
        let mut counts = true;
        let finished = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            counts = record.answer.as_deref().is_none_or(|answer| answer == entry);
            let is_first = record.answer.is_none();
            is_first.then(|| Record { answer: Some(entry.to_owned()), ..record })
        });
        if let Err(error) = finished.await {
            tracing::debug!(%error, "the other instances do not know that an answer was given");
            return true;
        }
        counts
    }

    /// Of a message that this instance works on.
    fn record(&self) -> Record {
        let owner = self.me.clone();
        Record { owner, said: None, late: None, answer: None, taken: false }
    }

    /// Decides what is said about a message. `late` says that it is not the answer, which follows.
    pub(crate) async fn decide(&self, key: Key, said: &Said, late: Option<Promise>) -> Verdict {
        let mut verdict = Verdict::Mine;
        let decided = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            if let Some(before) = record.said {
                verdict = Verdict::Before(before, record.late);
                return None;
            }
            if late.is_none() && record.owner != self.me {
                verdict = Verdict::Lost;
                return None;
            }
            verdict = Verdict::Mine;
            Some(Record { said: Some(said.clone()), late: late.clone(), ..record })
        });
        match decided.await {
            Ok(_) => verdict,
            Err(error) => {
                tracing::debug!(%error, "decides by what this instance knows");
                Verdict::Mine
            }
        }
    }

    /// WeChat has the answer.
    pub(crate) async fn take(&self, key: Key) {
        let taken = self.change(key, |record| Some(Record { taken: true, ..record? }));
        if let Err(error) = taken.await {
            tracing::debug!(%error, "the other instances do not know that an answer was taken");
        }
    }

    /// Whether WeChat has the answer, from whichever instance.
    pub(crate) async fn is_taken(&self, key: Key) -> bool {
        let record = self.store.get(&record(key)).await.ok().flatten();
        read(record.as_deref()).is_some_and(|record| record.taken)
    }

    /// Who works on a message.
    pub(crate) async fn owner(&self, key: Key) -> String {
        let record = self.store.get(&record(key)).await.ok().flatten();
        read(record.as_deref()).map_or_else(|| self.me.clone(), |record| record.owner)
    }

    async fn change(
        &self,
        key: Key,
        mut change: impl FnMut(Option<Record>) -> Option<Record>,
    ) -> Result<Option<Record>, StoreError> {
        let name = record(key);
        for _ in 0..TRIES {
            let found = self.store.get(&name).await?;
            let Some(new) = change(read(found.as_deref())) else { return Ok(None) };
            if self.swap(&name, found.as_deref(), &new).await? == Swap::Done {
                return Ok(Some(new));
            }
        }
        Err(StoreError::Unreachable("others change the same record all the time".into()))
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        new: &Record,
    ) -> Result<Swap, StoreError> {
        let is_over = new.said.is_some() && new.late.is_none();
        let ttl = if is_over { SAID_FOR } else { RECORD_FOR };
        let new = serde_json::to_vec(new).expect("texts are JSON");
        self.store.swap(name, expected, Some(new), ttl).await
    }
}

fn alive(instance: &str) -> String {
    format!("alive/{instance}")
}

fn record(key: Key) -> String {
    format!("met/{}", key.to_hex())
}

fn read(value: Option<&[u8]>) -> Option<Record> {
    serde_json::from_slice(value?).ok()
}
