//! Looks after the outbox: sends what is due again, and begins again what somebody who died had
//! promised.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use super::entry::{is_answer, is_promise, key, message as message_of};
use super::{Entry, GIVEN_UP, LEASE, Late, OUTBOX, Promise, Route, Stage, millis};
use crate::job::Job;
use crate::peers::TakeOver;
use crate::repeat::{Key, Met};
use crate::road::{Bot, Door};
use crate::window::Window;
use wxbot_sdk::store::{Item, Reach};

/// Taken at once; more are taken when these are on their way.
const MOST_AT_ONCE: usize = 64;
const BETWEEN_BATCHES: Duration = Duration::from_millis(10);
/// Left behind by the last process.
const MOST_LEFT_BEHIND: usize = 1 << 20;
/// Work that was begun so often and never finished, over most of an hour, takes its process down
/// with it.
const MOST_BEGUN: u32 = 20;
/// Work that was begun so often and not finished waits before it is begun again.
const BEGUN_AT_ONCE: u32 = 3;
/// Another instance may have died: so often it is looked.
const LOOK: Duration = Duration::from_secs(2);
/// The store is in trouble.
const SOON: Duration = Duration::from_millis(500);
/// Nothing else can come into the outbox unseen, but a clock may be set.
const SELDOM: Duration = Duration::from_secs(60);

/// Tends the outbox until the bot is gone.
pub(crate) async fn tend(bot: Weak<Bot>) {
    let mut first = true;
    loop {
        let Some(strong) = bot.upgrade() else { return };
        let pause = strong.tend_outbox(std::mem::take(&mut first)).await;
        let woken = Arc::clone(&strong.late().woken);
        drop(strong);
        let _ = timeout(pause, woken.notified()).await;
    }
}

impl Bot {
    /// Tends what is due, and says when to look again. Who starts and shares the store with nobody
    /// finds what the last process left behind: all of it is due.
    async fn tend_outbox(self: &Arc<Self>, starts: bool) -> Duration {
        let late = self.late();
        let now = late.clock.millis();
        let shared = late.store.reach() == Reach::Instances;
        if starts && !shared {
            late.make_all_due(now).await;
        }
        late.settle().await;
        self.tend_entries(late.pending.take_due(now));
        let again = now + millis(LEASE);
        let taken = late.store.take_due(OUTBOX, now, again, MOST_AT_ONCE).await;
        let Ok(items) = taken else { return SOON };
        let full = items.len() == MOST_AT_ONCE;
        self.tend_items(items);
        late.forget_given_up(now).await;
        if full {
            return BETWEEN_BATCHES;
        }
        let next = late.store.list(OUTBOX, 1).await.ok().and_then(|items| Some(items.first()?.due));
        let next = next.map_or(SELDOM, |due| Duration::from_millis(due.saturating_sub(now)));
        next.min(match (late.pending.is_empty(), shared) {
            (false, _) => SOON,
            (true, true) => LOOK,
            (true, false) => SELDOM,
        })
    }

    fn tend_items(self: &Arc<Self>, items: Vec<Item>) {
        let read = |item: Item| {
            let entry = Entry::read(&item);
            if entry.is_none() {
                tracing::warn!(id = item.id, "an item of the outbox can't be read");
            }
            Some((item.id, entry?))
        };
        self.tend_entries(items.into_iter().filter_map(read).collect());
    }

    /// Each follower's in their order, and followers beside each other.
    fn tend_entries(self: &Arc<Self>, entries: Vec<(String, Entry)>) {
        let mut followers: BTreeMap<(String, String), Vec<(String, Entry)>> = BTreeMap::new();
        for (id, entry) in entries {
            let follower = (entry.account.clone(), entry.openid.clone());
            followers.entry(follower).or_default().push((id, entry));
        }
        for (_, mut entries) in followers {
            entries.sort_by_key(|(_, entry)| entry.said_at);
            let bot = Arc::clone(self);
            self.tasks().spawn(async move {
                for (id, entry) in entries {
                    bot.tend_entry(&id, entry).await;
                }
            });
        }
    }

    async fn tend_entry(self: &Arc<Self>, id: &str, entry: Entry) {
        let late = self.late();
        let Some(door) = self.door(&entry.account) else {
            let why = format!("no account is called `{}` any more", entry.account);
            return late.give_up(id, entry, &why).await;
        };
        if late.clock.millis() >= entry.expires {
            return late.give_up(id, entry, "its time is over").await;
        }
        match &entry.stage {
            Stage::Ready { .. } => {
                // Whoever put it here may have died before anybody knew, and then its promise was
                // begun again.
                match key(id) {
                    Some(key) if !self.finish(key, id).await => late.take_back(id).await,
                    _ => late.give(door, id, entry).await,
                }
            }
            Stage::Promised { by, .. } => {
                if !self.is_worked_on(door, id, by).await {
                    self.begin_again(door, id, entry).await;
                }
            }
        }
    }

    async fn is_worked_on(&self, door: &Door, id: &str, by: &str) -> bool {
        if by == self.me() {
            return key(id).is_some_and(|key| {
                door.ledger().is_running(key) || self.late().begun().contains(&key)
            });
        }
        match self.peers() {
            Some(peers) => peers.is_alive(by).await,
            None => false,
        }
    }

    /// Where instances share the store, only one of them begins again.
    async fn take_over(&self, key: Key, id: &str, by: &str) -> TakeOver {
        match self.peers() {
            Some(peers) => peers.take_over(key, id, by).await,
            None => TakeOver::Mine,
        }
    }

    /// WeChat may not have heard what was promised: a repeat is told it now, and is not worked on.
    /// One that came before this is worked on already. Where instances share the store, that says
    /// so.
    fn tells_repeats(&self, job: &Job, route: Route) -> TakeOver {
        if self.peers().is_some() {
            return TakeOver::Mine;
        }
        let (ledger, key) = (job.door.ledger(), job.work.key);
        match ledger.meet(key, job.work.began, Window::open(job.work.began, job.late_settings())) {
            Met::First(_) => {
                ledger.answered(key, job.promised_by(route, None));
                TakeOver::Mine
            }
            Met::Running(_) => TakeOver::Theirs,
            Met::Answered(_) => TakeOver::Finished,
        }
    }

    /// Works anew on what another process had promised.
    async fn begin_again(self: &Arc<Self>, door: &Arc<Door>, id: &str, mut entry: Entry) {
        let late = self.late();
        entry.attempts += 1;
        if entry.attempts > MOST_BEGUN {
            return late.give_up(id, entry, "the work on it never came to an end").await;
        }
        let Stage::Promised { by, message, route } = &mut entry.stage else { return };
        let Some(key) = key(id) else {
            return late.give_up(id, entry, "its id says nothing").await;
        };
        let Some(message) = message_of(message) else {
            return late.give_up(id, entry, "its message can't be read").await;
        };
        let (by, route) = (std::mem::replace(by, late.me.clone()), *route);
        let job = Job::again(self, door, key, message);
        let taken = match self.take_over(key, id, &by).await {
            TakeOver::Mine => self.tells_repeats(&job, route),
            other => other,
        };
        match taken {
            TakeOver::Mine => {}
            TakeOver::Theirs => return,
            TakeOver::Finished => return late.take_back(id).await,
        }
        let again = LEASE.max(pause(entry.attempts));
        if !late.rewrite(id, &entry, late.clock.millis() + millis(again)).await {
            return;
        }
        tracing::info!(account = entry.account, "works again on what another process promised");
        let begun = Begun::new(late, key);
        let parts = job.run_again().await;
        drop(begun);
        entry.attempts = 0;
        let promise = Promise { route, id: id.to_owned() };
        self.fulfil(door, key, promise, entry, parts).await;
    }
}

/// While it lasts, nobody begins the same work.
struct Begun<'l> {
    late: &'l Late,
    key: Key,
}

impl<'l> Begun<'l> {
    fn new(late: &'l Late, key: Key) -> Self {
        late.begun().insert(key);
        Self { late, key }
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.late.begun().remove(&self.key);
    }
}

impl Late {
    async fn make_all_due(&self, now: u64) {
        let left_behind = self.store.list(OUTBOX, MOST_LEFT_BEHIND).await.unwrap_or_default();
        if left_behind.is_empty() {
            return;
        }
        tracing::info!(entries = left_behind.len(), "goes on with what the last process left");
        let answers = left_behind.iter().filter(|item| is_answer(&item.id));
        let answered: HashSet<_> = answers.filter_map(|item| key(&item.id)).collect();
        let has_answer = |item: &Item| {
            is_promise(&item.id) && key(&item.id).is_some_and(|key| answered.contains(&key))
        };
        let (kept, owed): (Vec<_>, Vec<_>) = left_behind.into_iter().partition(has_answer);
        join_all(kept.iter().map(|promise| self.take_back(&promise.id))).await;
        let due = |item: Item| {
            let begun = Entry::read(&item).map_or(0, |entry| match entry.stage {
                Stage::Promised { .. } => entry.attempts,
                Stage::Ready { .. } => 0,
            });
            let due = item.due.min(now + millis(pause(begun)));
            self.store.update(OUTBOX, Item { due, ..item })
        };
        join_all(owed.into_iter().map(due)).await;
    }

    async fn forget_given_up(&self, now: u64) {
        let over = self.store.take_due(GIVEN_UP, now, now + millis(LEASE), MOST_AT_ONCE).await;
        for item in over.unwrap_or_default() {
            let _ = self.store.remove(GIVEN_UP, &item.id).await;
        }
    }
}

/// How long work waits that was begun so often. Of works that went down together more than once,
/// each is begun at another time: one of them may be why.
fn pause(begun: u32) -> Duration {
    match begun.checked_sub(BEGUN_AT_ONCE) {
        Some(more) => Duration::from_secs(1 << more.min(8)).mul_f64(rand::random_range(0.5..1.5)),
        None => Duration::ZERO,
    }
}
