//! Answers that were not ready in time: promised, kept, sent (protocol sections 2.6 and 7.3).
//!
//! A late answer is in the store before WeChat hears `success` or the notice, and leaves it when
//! WeChat's API took it or the follower was given it. Whatever dies on the way, somebody finds it
//! there.

mod settings;
mod entry;
mod access;
mod quota;
mod kept;
mod sending;
mod tending;
mod pending;
pub mod outbox;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::metrics::{LateMetrics, Lates, Metrics};
use crate::repeat::Key;
use crate::road::{Bot, Door};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::{Item, Store, StoreError};

pub use entry::{Allowance, Entry, Route, Stage};
pub use settings::{CustomerService, LateChanges, LateSettings};

pub(crate) use access::Access;
pub(crate) use entry::{answer_id, promise_id, rest_id};
pub(crate) use kept::{Composed, Kept, compose};
pub(crate) use tending::tend;

/// The queue of answers that are promised or on their way.
pub const OUTBOX: &str = "outbox";
/// The queue of answers that could not be given, for a week.
pub const GIVEN_UP: &str = "given-up";
const GIVEN_UP_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Whoever works on an entry has it to themselves so long: longer than any call may take.
const LEASE: Duration = Duration::from_secs(30);

/// What there is to do about late answers, for all accounts.
pub(crate) struct Late {
    store: Arc<dyn Store>,
    clock: Clock,
    /// This instance.
    me: String,
    kept: kept::Shelf,
    quotas: quota::Quotas,
    metrics: LateMetrics,
    /// What the store would not take.
    pending: pending::Pending,
    /// There may be something due sooner than expected.
    woken: Arc<Notify>,
    /// What is worked on again here.
    begun: Mutex<HashSet<Key>>,
}

impl Late {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Clock, me: &str, metrics: &Metrics) -> Self {
        Self {
            kept: kept::Shelf::new(Arc::clone(&store)),
            quotas: quota::Quotas::new(Arc::clone(&store)),
            metrics: metrics.late(),
            pending: pending::Pending::default(),
            woken: Arc::default(),
            begun: Mutex::default(),
            me: me.to_owned(),
            store,
            clock,
        }
    }

    /// Looks after the outbox now.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    /// How an answer to this would reach the follower now.
    pub(crate) async fn route(&self, door: &Door, entry: &Entry) -> Route {
        match door.access().route().await {
            Route::Api if self.left(entry).await > 0 => Route::Api,
            _ => Route::Kept,
        }
    }

    /// Writes a promise down. A store in trouble is no reason not to make it: then it is as good
    /// as this process.
    pub(crate) async fn promise(&self, id: &str, entry: &Entry) {
        self.put_aside(id, entry).await;
        self.metrics.count(&entry.account, Lates::Promised);
    }

    /// Writes down what is to be sent, for whoever tends the outbox if this process dies.
    pub(crate) async fn put_aside(&self, id: &str, entry: &Entry) {
        self.write(id, entry, self.clock.millis() + millis(LEASE)).await;
    }

    /// Gives an answer that somebody left in the outbox. A follower who was told nothing waits for
    /// it there, so it waits for their next message only where nothing can be sent.
    async fn give(&self, door: &Door, id: &str, entry: Entry) {
        match door.access().may_try().await {
            true => self.send(door, id, entry).await,
            false => self.keep(door, id, entry).await,
        }
    }

    /// Lets an answer wait for the follower's next message.
    pub(crate) async fn keep(&self, door: &Door, id: &str, entry: Entry) {
        let Stage::Ready { parts } = &entry.stage else { return };
        let now = self.clock.millis();
        let kept = Kept {
            id: id.to_owned(),
            question: entry.question.clone(),
            parts: parts.clone(),
            until: now + millis(door.account().late.ttl),
        };
        match self.kept.add(&entry.account, &entry.openid, kept, now).await {
            Ok(given_up) => {
                self.metrics.count(&entry.account, Lates::Kept);
                if given_up > 0 {
                    tracing::warn!(given_up, "too many answers wait for a follower");
                    self.metrics.count(&entry.account, Lates::GivenUp);
                }
                self.take_back(id).await;
            }
            Err(error) => self.postpone(id, entry, &error.to_string()).await,
        }
    }

    /// Whether nothing waits for any follower, as far as that is known without looking.
    pub(crate) fn nothing_waits(&self) -> bool {
        self.kept.is_unused()
    }

    /// What waits for a follower, the oldest first. A store in trouble has nothing.
    pub(crate) async fn waiting(&self, account: &str, openid: &str) -> Vec<Kept> {
        let list = self.kept.list(account, openid, self.clock.millis()).await;
        list.unwrap_or_else(|error| {
            tracing::debug!(%error, "what waits for a follower can't be looked up");
            Vec::new()
        })
    }

    /// Of these answers only those are left.
    pub(crate) async fn given(&self, account: &str, openid: &str, before: &[Kept], left: &[Kept]) {
        let given = self.kept.given(account, openid, before, left, self.clock.millis()).await;
        match given {
            Ok(()) => self.metrics.count(account, Lates::Given),
            Err(error) => tracing::warn!(%error, "an answer that was given may be given again"),
        }
    }

    /// An answer waits no more.
    pub(crate) async fn forget(&self, account: &str, openid: &str, id: &str) {
        let forgotten = self.kept.forget(account, openid, id, self.clock.millis()).await;
        if let Err(error) = forgotten {
            tracing::warn!(%error, "a part of an answer may be given twice");
        }
    }

    /// An answer can't be given: that is counted, logged and listed.
    async fn give_up(&self, id: &str, mut entry: Entry, why: &str) {
        tracing::warn!(account = entry.account, why, "gave up a late reply");
        self.metrics.count(&entry.account, Lates::GivenUp);
        entry.trouble = Some(why.to_owned());
        let until = self.clock.millis() + millis(GIVEN_UP_FOR);
        if let Err(error) = self.store.push(GIVEN_UP, entry.item(id, until)).await {
            tracing::warn!(%error, "a reply that was given up is not listed");
        }
        self.take_back(id).await;
    }

    /// It is tried again later, each time after a longer while.
    async fn postpone(&self, id: &str, mut entry: Entry, why: &str) {
        tracing::warn!(account = entry.account, why, attempts = entry.attempts, "will try again");
        self.metrics.count(&entry.account, Lates::Retried);
        entry.trouble = Some(why.to_owned());
        entry.attempts += 1;
        let pause = Duration::from_secs(1 << entry.attempts.min(9)).min(Duration::from_secs(300));
        let due = self.clock.millis() + millis(pause);
        self.rewrite(id, &entry, due).await;
        self.wake();
    }

    fn begun(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.begun.lock().expect("nobody panics in here")
    }

    async fn left(&self, entry: &Entry) -> u32 {
        self.quotas.left(entry, self.clock.seconds()).await
    }
}

/// What was promised instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// How the answer follows.
    pub(crate) route: Route,
    /// Of its entry in the outbox. The answer has an entry of its own, so that a promise that is
    /// written late, or by another instance, can't take its place.
    pub(crate) id: String,
}

impl Bot {
    /// Says that this entry holds a message's answer. Where instances share the store, another one
    /// may: whether this one counts.
    async fn finish(&self, key: Key, id: &str) -> bool {
        match self.peers() {
            Some(peers) => peers.finish(key, id).await,
            None => true,
        }
    }

    /// Gives the answer that was promised.
    pub(crate) async fn fulfil(
        &self,
        door: &Door,
        key: Key,
        promise: Promise,
        entry: Entry,
        mut parts: Vec<Reply>,
    ) {
        let (late, id) = (self.late(), answer_id(key, self.me()));
        if parts.is_empty() && promise.route == Route::Kept {
            parts.push(Reply::text(&*door.account().late.nothing));
        }
        let entry = entry.ready(parts);
        late.put_aside(&id, &entry).await;
        let counts = self.finish(key, &id).await;
        late.take_back(&promise.id).await;
        if !counts {
            return late.take_back(&id).await;
        }
        match promise.route {
            Route::Kept => late.keep(door, &id, entry).await,
            Route::Api => late.send(door, &id, entry).await,
        }
    }
}

/// Everything in a queue, as far as it can be read, the next due first.
pub async fn entries(
    store: &dyn Store,
    queue: &str,
    most: usize,
) -> Result<Vec<(Item, Entry)>, StoreError> {
    let items = store.list(queue, most).await?;
    Ok(items.into_iter().filter_map(|item| Some((item.clone(), Entry::read(&item)?))).collect())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
