//! What happened, as it happens, for whoever wants to know: metrics, traces, the test kit.
//!
//! An [`Observer`] is called where it happens and must not wait. Whoever needs longer takes a
//! [`Subscription`]: a bounded queue that loses what does not fit, and counts that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use wxbot_sdk::context::Incoming;
use wxbot_sdk::notification::{Fate, NotificationKind};
use wxbot_sdk::reply::Reply;

use crate::chain::trace::Trace;
use crate::receive::refusal::Refusal;

/// One thing that happened.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum JournalEvent<'e> {
    /// WeChat verified an account's address.
    Verified {
        /// Which account.
        account: &'e AccountTag,
    },
    /// A request was refused.
    Refused {
        /// Which account.
        account: &'e AccountTag,
        /// Why.
        refusal: &'e Refusal,
    },
    /// A request was opened and read.
    Received {
        /// Which account.
        account: &'e AccountTag,
        /// Whether it was encrypted.
        encrypted: bool,
    },
    /// A message was not worked on, as too many of the follower or of all wait already.
    TurnedAway {
        /// Which account.
        account: &'e AccountTag,
    },
    /// The chain was asked about a message.
    Asked {
        /// The message, and where it came in.
        incoming: &'e Incoming,
        /// What is to be said, part by part.
        replies: &'e [Reply],
        /// How it came to that.
        trace: &'e Trace,
    },
    /// A delivery was answered, or left to WeChat to repeat.
    Answered {
        /// Which account.
        account: &'e AccountTag,
        /// With what.
        outcome: RequestOutcome,
        /// Since the request arrived.
        took: Duration,
    },
    /// An event told what became of a notification.
    Notified {
        /// The account's id.
        account: &'e str,
        /// Which of the two kinds.
        kind: NotificationKind,
        /// What became of it.
        fate: Fate,
    },
    /// A late answer went one step further.
    Late {
        /// The account's id.
        account: &'e str,
        /// Which step.
        step: LateStep,
    },
    /// An attempt at a job came to an end.
    Job {
        /// The instance's place in the chain, from 0.
        place: usize,
        /// Its id.
        link: &'e str,
        /// With what.
        outcome: JobOutcome,
    },
    /// An instance counted something, apart from any message.
    Counted {
        /// Its place in the chain, from 0.
        place: usize,
        /// Its id.
        link: &'e str,
        /// What it counted.
        event: &'static str,
    },
}

/// An account as observers know it.
#[derive(Debug, Clone)]
pub struct AccountTag {
    /// Its place in the configuration, from 0.
    pub place: usize,
    /// Its id in `bot.toml`.
    pub id: Arc<str>,
}

/// What a delivery was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// A passive reply.
    Reply,
    /// `success`.
    Success,
    /// What an earlier delivery of the message was answered.
    Repeat,
    /// `success` or the notice, because the work was not finished in time.
    Late,
    /// Nothing, because WeChat must have hung up, and delivers again.
    HungUp,
}

/// What becomes of a late answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LateStep {
    /// WeChat was answered `success` or the notice instead of it.
    Promised,
    /// A part of it was sent as a customer-service message.
    Sent,
    /// It waits for the follower's next message.
    Kept,
    /// It was given with a passive reply.
    Given,
    /// Sending failed, and is tried again.
    Retried,
    /// Nobody knows whether WeChat took it.
    Unclear,
    /// It could not be given, and is a dead letter now.
    GivenUp,
    /// It waited for the follower's next message, which did not come in time.
    Expired,
}

/// What an attempt at a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobOutcome {
    /// It is done.
    Done,
    /// It failed, and is tried again.
    Retried,
    /// It failed too often, and is a dead letter now.
    GivenUp,
    /// It was missed, and its schedule leaves that out.
    Skipped,
}

/// Is told what happens, where it happens: it must not wait.
pub trait Observer: Send + Sync {
    /// This just happened.
    fn observe(&self, event: &JournalEvent<'_>);
}

/// Tells every observer what happens. Nobody listening costs nothing.
#[derive(Default)]
pub struct Journal {
    observers: ArcSwap<Vec<Arc<dyn Observer>>>,
}

impl Journal {
    /// Tells this observer, too, from now on.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.observers.rcu(|observers| {
            let mut observers = Vec::clone(observers);
            observers.push(Arc::clone(&observer));
            observers
        });
    }

    /// A queue of at most `capacity` events that nobody took yet. `pick` makes of an event what is
    /// wanted of it, and must not wait.
    pub fn subscribe<T: Send + 'static>(
        &self,
        capacity: usize,
        pick: impl Fn(&JournalEvent<'_>) -> Option<T> + Send + Sync + 'static,
    ) -> Subscription<T> {
        let (sender, receiver) = mpsc::channel(capacity);
        let lost = Arc::new(AtomicU64::new(0));
        self.observe(Arc::new(Queue { pick, sender, lost: Arc::clone(&lost) }));
        Subscription { receiver, lost }
    }

    pub(crate) fn record(&self, event: JournalEvent<'_>) {
        for observer in self.observers.load().iter() {
            observer.observe(&event);
        }
    }
}

/// The events that one listener has not taken yet.
pub struct Subscription<T> {
    receiver: mpsc::Receiver<T>,
    lost: Arc<AtomicU64>,
}

impl<T> Subscription<T> {
    /// The next event; waits for it.
    pub async fn next(&mut self) -> Option<T> {
        self.receiver.recv().await
    }

    /// How many events did not fit into the queue so far.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

struct Queue<T, P> {
    pick: P,
    sender: mpsc::Sender<T>,
    lost: Arc<AtomicU64>,
}

impl<T: Send, P: Fn(&JournalEvent<'_>) -> Option<T> + Send + Sync> Observer for Queue<T, P> {
    fn observe(&self, event: &JournalEvent<'_>) {
        if let Some(picked) = (self.pick)(event)
            && let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(picked)
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned_away() -> AccountTag {
        AccountTag { place: 0, id: "main".into() }
    }

    #[tokio::test]
    async fn a_slow_listener_loses_events_and_holds_nobody_up() {
        let journal = Journal::default();
        let account = turned_away();
        let pick = |event: &JournalEvent<'_>| match event {
            JournalEvent::TurnedAway { account } => Some(account.id.clone()),
            _ => None,
        };
        let mut slow = journal.subscribe(2, pick);
        let mut fast = journal.subscribe(5, pick);
        for _ in 0..5 {
            journal.record(JournalEvent::TurnedAway { account: &account });
            journal.record(JournalEvent::Verified { account: &account });
        }
        assert_eq!((slow.lost(), fast.lost()), (3, 0));
        assert_eq!(slow.next().await.as_deref(), Some("main"));
        for _ in 0..5 {
            assert!(fast.next().await.is_some());
        }
    }

    #[test]
    fn a_listener_that_is_gone_is_no_trouble() {
        let journal = Journal::default();
        drop(journal.subscribe(1, |_| Some(())));
        journal.record(JournalEvent::Verified { account: &turned_away() });
    }
}
