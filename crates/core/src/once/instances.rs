//! What the instances of a bot tell each other, where they share a store: who works on which
//! message, what WeChat was answered, whose turn it is.
//!
//! A record in the store decides, so that a repeat may arrive anywhere and an instance may die at
//! any moment. A failing store is no reason to be silent: each instance then goes by what it
//! knows itself.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use wxbot_sdk::store::record::{Record, decode, encode};
use wxbot_sdk::store::{Change, Reach, Store, StoreError, Swap, keys, update};

use super::watching::Watching;
use crate::key::MessageKey;
use crate::response::{Promise, Response};

/// How long after its last heartbeat an instance counts as dead.
const LIVENESS: Duration = Duration::from_secs(4);
/// Between two heartbeats.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a record says that work goes on; work that takes longer is forgotten by other instances.
pub(super) const RUNNING_TTL: Duration = Duration::from_secs(15 * 60);
/// How long a response is kept: WeChat repeats nothing that was answered earlier.
const ANSWERED_TTL: Duration = Duration::from_secs(60);

/// The other instances, as the store shows them.
pub(crate) struct Instances {
    store: Arc<dyn Store>,
    me: String,
}

/// What is known about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct MessageRecord {
    /// The instance that works on it.
    owner: String,
    /// What WeChat is answered from now on.
    response: Option<Response>,
    /// The response is not the answer, which follows.
    promise: Option<Promise>,
    /// The entry of the outbox that has the late answer, or had it.
    answer: Option<String>,
    /// WeChat has the response.
    delivered: bool,
}

impl Record for MessageRecord {
    const NAME: &'static str = "message";
    const VERSION: u32 = 1;
}

impl MessageRecord {
    fn ttl(&self) -> Duration {
        let is_over = self.response.is_some() && self.promise.is_none();
        if is_over { ANSWERED_TTL } else { RUNNING_TTL }
    }

    /// Whether nobody waits for what was promised: the answer was given, or WeChat was answered
    /// something else before it heard of this promise.
    fn is_over_for(&self, promise: &str) -> bool {
        let counts = self.promise.as_ref().is_some_and(|made| made.id == promise);
        self.answer.is_some() || (self.response.is_some() && !counts)
    }
}

/// Who works on a message.
pub(crate) enum Claim {
    /// This instance.
    Mine,
    /// Nobody any more: this is the response.
    Answered(Response),
}

/// Whose work it is that an instance had promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takeover {
    /// This instance's now.
    Mine,
    /// Another one's.
    Theirs,
    /// Nobody's: it is done.
    Finished,
}

/// What became of a decision, over all instances.
pub(crate) enum Decision {
    /// It counts.
    Mine,
    /// This was decided before. If it was no answer, it was promised.
    Earlier(Response, Option<Promise>),
    /// Another instance works on it now: what this one did does not count.
    Lost,
}

impl Instances {
    /// `None` where nobody else sees the store.
    pub(crate) fn new(store: &Arc<dyn Store>, me: &str) -> Option<Self> {
        let shared = store.reach() == Reach::Instances;
        shared.then(|| Self { store: Arc::clone(store), me: me.to_owned() })
    }

    /// This instance.
    pub(super) fn me(&self) -> &str {
        &self.me
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Sends heartbeats forever.
    pub(crate) async fn send_heartbeats(&self) {
        loop {
            self.heartbeat().await;
            sleep(HEARTBEAT).await;
        }
    }

    async fn heartbeat(&self) {
        let alive = self.store.put(&keys::instance(&self.me), b"1".to_vec(), LIVENESS).await;
        if let Err(error) = alive {
            tracing::debug!(%error, "the heartbeat was not stored");
        }
    }

    /// Whether an instance is alive. In doubt it is: two would work on one message.
    pub(crate) async fn is_alive(&self, instance: &str) -> bool {
        instance == self.me || !matches!(self.store.get(&keys::instance(instance)).await, Ok(None))
    }

    /// Waits until a message is this instance's to work on, or was answered by another.
    pub(crate) async fn claim(&self, key: MessageKey) -> Claim {
        let name = keys::message(&key.to_hex());
        let mut watching = Watching::new(&*self.store, &name);
        loop {
            match self.try_claim(key).await {
                Ok(Some(claim)) => return claim,
                Ok(None) => watching.succeeded(),
                Err(error) if watching.failed_too_often() => {
                    tracing::debug!(%error, "degraded: going by what this instance knows");
                    return Claim::Mine;
                }
                Err(_) => {}
            }
            watching.wait().await;
        }
    }

    async fn try_claim(&self, key: MessageKey) -> Result<Option<Claim>, StoreError> {
        let (mine, name) = (self.record(), keys::message(&key.to_hex()));
        let found = match self.store.swap(&name, None, Some(encode(&mine)), mine.ttl()).await? {
            Swap::Done => return Ok(Some(Claim::Mine)),
            Swap::Found(found) => found,
        };
        let Some(theirs) = found.as_deref().and_then(|found| decode::<MessageRecord>(found).ok())
        else {
            return Ok(None);
        };
        if let Some(response) = theirs.response {
            return Ok(Some(Claim::Answered(response)));
        }
        if theirs.owner == self.me {
            return Ok(Some(Claim::Mine));
        }
        if self.is_alive(&theirs.owner).await {
            return Ok(None);
        }
        tracing::info!("taking over the work of a dead instance");
        let mine = self.store.swap(&name, found.as_deref(), Some(encode(&mine)), mine.ttl());
        Ok((mine.await? == Swap::Done).then_some(Claim::Mine))
    }

    /// Takes over the work of which `from`, who is dead, wrote down this promise. Somebody may have
    /// taken it over before and died as well, with the promise still in the other's name.
    pub(crate) async fn take_over(&self, key: MessageKey, promise: &str, from: &str) -> Takeover {
        let owner = self.owner(key).await;
        let dead = if self.is_alive(&owner).await { from } else { &owner };
        let mut result = Takeover::Mine;
        let taken = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            result = match &record {
                record if record.is_over_for(promise) => Takeover::Finished,
                record if ![from, dead, &self.me].contains(&&*record.owner) => Takeover::Theirs,
                _ => Takeover::Mine,
            };
            (result == Takeover::Mine).then(|| MessageRecord { owner: self.me.clone(), ..record })
        });
        if taken.await.is_err() { Takeover::Theirs } else { result }
    }

    /// The late answer is in this entry of the outbox: no promise of it counts any more. Says
    /// whether this entry counts, or another one that has it, too.
    pub(crate) async fn finish(&self, key: MessageKey, entry: &str) -> bool {
        let mut counts = true;
        let finished = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            counts = record.answer.as_deref().is_none_or(|answer| answer == entry);
            let is_first = record.answer.is_none();
            is_first.then(|| MessageRecord { answer: Some(entry.to_owned()), ..record })
        });
        if let Err(error) = finished.await {
            tracing::debug!(%error, "other instances do not know that an answer was given");
            return true;
        }
        counts
    }

    /// Of a message that this instance works on.
    fn record(&self) -> MessageRecord {
        let owner = self.me.clone();
        MessageRecord { owner, response: None, promise: None, answer: None, delivered: false }
    }

    /// Decides what WeChat is answered about a message. With a promise it is not the answer, which
    /// follows.
    pub(crate) async fn decide(
        &self,
        key: MessageKey,
        response: &Response,
        promise: Option<Promise>,
    ) -> Decision {
        let mut decision = Decision::Mine;
        let decided = self.change(key, |record| {
            let record = record.unwrap_or_else(|| self.record());
            if let Some(earlier) = record.response {
                decision = Decision::Earlier(earlier, record.promise);
                return None;
            }
            if promise.is_none() && record.owner != self.me {
                decision = Decision::Lost;
                return None;
            }
            decision = Decision::Mine;
            let (response, promise) = (Some(response.clone()), promise.clone());
            Some(MessageRecord { response, promise, ..record })
        });
        match decided.await {
            Ok(()) => decision,
            Err(error) => {
                tracing::debug!(%error, "degraded: deciding by what this instance knows");
                Decision::Mine
            }
        }
    }

    /// WeChat has the response.
    pub(crate) async fn mark_delivered(&self, key: MessageKey) {
        let marked = self.change(key, |record| Some(MessageRecord { delivered: true, ..record? }));
        if let Err(error) = marked.await {
            tracing::debug!(%error, "other instances do not know that a response was delivered");
        }
    }

    /// Whether WeChat has the response, from whichever instance.
    pub(crate) async fn is_delivered(&self, key: MessageKey) -> bool {
        self.read(key).await.is_some_and(|record| record.delivered)
    }

    /// What WeChat is answered about a message, if that is decided and not forgotten yet.
    pub(crate) async fn response(&self, key: MessageKey) -> Option<Response> {
        self.read(key).await?.response
    }

    /// Who works on a message.
    pub(crate) async fn owner(&self, key: MessageKey) -> String {
        self.read(key).await.map_or_else(|| self.me.clone(), |record| record.owner)
    }

    /// Changes the record of a message, unless `change` gives none back.
    async fn change(
        &self,
        key: MessageKey,
        mut change: impl FnMut(Option<MessageRecord>) -> Option<MessageRecord>,
    ) -> Result<(), StoreError> {
        let change = |record| match change(record) {
            Some(record) => {
                let ttl = record.ttl();
                Change::Put(record, ttl)
            }
            None => Change::Keep,
        };
        update(&*self.store, &keys::message(&key.to_hex()), change).await.map(drop)
    }

    async fn read(&self, key: MessageKey) -> Option<MessageRecord> {
        let found = self.store.get(&keys::message(&key.to_hex())).await.ok().flatten()?;
        decode(&found).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;
    use crate::response::Route;

    #[test]
    fn what_is_known_of_a_message_has_golden_files() {
        let running = MessageRecord {
            owner: "a1b2".into(),
            response: None,
            promise: None,
            answer: None,
            delivered: false,
        };
        golden::check("message.1.running.json", &running);
        let promised = MessageRecord {
            response: Some(Response::Success),
            promise: Some(Promise { route: Route::CustomerService, id: "9f86@a1b2".into() }),
            answer: Some("9f86.a1b2".into()),
            ..running.clone()
        };
        golden::check("message.1.promised.json", &promised);
        let response = Some(Response::Reply("<xml>¥99</xml>".into()));
        let answered = MessageRecord { response, delivered: true, ..running };
        golden::check("message.1.answered.json", &answered);
    }
}
