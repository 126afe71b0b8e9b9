//! The work on one message, shared by all its deliveries.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use crate::late::Promise;
use crate::repeat::Key;
use crate::window::{Delivery, Window};
use wxbot_sdk::context::ReplyWindow;
use wxbot_sdk::reply::Reply;

/// What WeChat is told about a message, by whichever delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    /// `success`.
    Nothing,
    /// A passive reply, as XML in the clear.
    #[serde(with = "shared_text")]
    Reply(Arc<str>),
}

impl Said {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Reply(xml) => xml.len(),
        }
    }
}

/// A text that all deliveries share, as a text.
mod shared_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Into::into)
    }
}

/// Decided once: by the work that is done, or by the last delivery that could not wait for it.
pub(crate) struct Work {
    pub(crate) key: Key,
    pub(crate) began: Instant,
    window: Window,
    said: OnceLock<Said>,
    changed: Notify,
    /// A plugin said that it will take long, and what to say meanwhile.
    later: OnceLock<Reply>,
    deliveries: AtomicU32,
    /// Whether WeChat surely got the answer.
    taken: AtomicBool,
    /// What was promised instead of an answer. Held while that is written down.
    pub(crate) promised: Mutex<Option<Promise>>,
    /// Another instance did the work.
    theirs: AtomicBool,
}

/// What a delivery waits for.
pub(crate) enum News {
    /// This is to be said.
    Said(Said),
    /// It will take long: say this now.
    Later(Reply),
}

impl Work {
    pub(crate) fn new(key: Key, now: Instant, window: Window) -> Self {
        Self {
            key,
            began: now,
            window,
            said: OnceLock::new(),
            changed: Notify::new(),
            later: OnceLock::new(),
            deliveries: AtomicU32::new(0),
            taken: AtomicBool::new(false),
            promised: Mutex::new(None),
            theirs: AtomicBool::new(false),
        }
    }

    /// Counts a delivery. `age` is since the follower said it, by WeChat's clock.
    pub(crate) fn delivery(&self, arrived: Instant, age: Duration) -> Delivery {
        let count = 1 + self.deliveries.fetch_add(1, Ordering::Relaxed);
        let age = age.max(arrived.saturating_duration_since(self.began));
        Delivery { arrived, count, age }
    }

    /// What is said, once that is decided.
    pub(crate) fn said(&self) -> Option<&Said> {
        self.said.get()
    }

    /// Decides what is said, unless that is decided already; returns what it is then.
    pub(crate) fn decide(&self, said: Said) -> Decision {
        match self.said.set(said) {
            Ok(()) => {
                self.changed.notify_waiters();
                Decision::Mine
            }
            Err(_) => Decision::Before(None),
        }
    }

    /// Waits until there is something to say to WeChat.
    pub(crate) async fn news(&self) -> News {
        loop {
            let changed = self.changed.notified();
            if let Some(said) = self.said.get() {
                return News::Said(said.clone());
            }
            if let Some(notice) = self.later.get() {
                return News::Later(notice.clone());
            }
            changed.await;
        }
    }

    /// Another instance has done the work, and this came of it.
    pub(crate) fn decided_elsewhere(&self, said: Said) {
        self.theirs.store(true, Ordering::Relaxed);
        self.decide(said);
    }

    /// Whether another instance has done the work.
    pub(crate) fn is_theirs(&self) -> bool {
        self.theirs.load(Ordering::Relaxed)
    }

    /// WeChat has the answer.
    pub(crate) fn take(&self) {
        if !self.taken.swap(true, Ordering::Relaxed) {
            self.changed.notify_waiters();
        }
    }

    /// Waits until WeChat has the answer.
    pub(crate) async fn taken(&self) {
        loop {
            let changed = self.changed.notified();
            if self.taken.load(Ordering::Relaxed) {
                return;
            }
            changed.await;
        }
    }
}

impl ReplyWindow for Work {
    fn remaining(&self) -> Duration {
        self.window.remaining()
    }

    fn announce_late(&self, notice: Reply) {
        if self.later.set(notice).is_ok() {
            self.changed.notify_waiters();
        }
    }
}

/// Whose word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// This one.
    Mine,
    /// Somebody else's, which came before. If that was no answer, and another instance said it,
    /// this is how the answer follows.
    Before(Option<Promise>),
    /// Another instance works on the message now.
    Lost,
}
