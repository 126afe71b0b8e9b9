//! The work on one message, as all its deliveries share it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use wxbot_sdk::context::{Incoming, ReplyWindow};
use wxbot_sdk::reply::Reply;

use super::window::{Delivery, Window};
use crate::key::MessageKey;
use crate::response::{Promise, Response};

/// What WeChat is answered is decided here once: by the work that is done, or by the last delivery
/// that could not wait for it.
pub(crate) struct Work {
    pub(crate) key: MessageKey,
    pub(crate) incoming: Arc<Incoming>,
    pub(crate) began: Instant,
    window: Window,
    response: OnceLock<Response>,
    changed: Notify,
    /// A plugin expects to take long: what to say meanwhile.
    notice: OnceLock<Reply>,
    deliveries: AtomicU32,
    /// Whether WeChat surely got the response.
    delivered: AtomicBool,
    /// What was promised instead of an answer. Held while that is written to the store.
    pub(crate) promised: Mutex<Option<Promise>>,
    /// Another instance did the work.
    done_elsewhere: AtomicBool,
}

/// What a delivery waits for.
pub(crate) enum News {
    /// The response is decided.
    Response(Response),
    /// It will take long: this is to be said now.
    Notice(Reply),
}

impl Work {
    pub(crate) fn new(
        key: MessageKey,
        incoming: Arc<Incoming>,
        began: Instant,
        window: Window,
    ) -> Self {
        Self {
            key,
            incoming,
            began,
            window,
            response: OnceLock::new(),
            changed: Notify::new(),
            notice: OnceLock::new(),
            deliveries: AtomicU32::new(0),
            delivered: AtomicBool::new(false),
            promised: Mutex::new(None),
            done_elsewhere: AtomicBool::new(false),
        }
    }

    /// Counts a delivery. `age` is since the follower acted, by WeChat's clock.
    pub(crate) fn count_delivery(&self, arrived: Instant, age: Duration) -> Delivery {
        let count = 1 + self.deliveries.fetch_add(1, Ordering::Relaxed);
        let age = age.max(arrived.saturating_duration_since(self.began));
        Delivery { arrived, count, age }
    }

    /// The response, once it is decided.
    pub(crate) fn response(&self) -> Option<&Response> {
        self.response.get()
    }

    /// Decides the response, unless it is decided already; returns whether this one counts.
    pub(crate) fn decide(&self, response: Response) -> bool {
        let is_first = self.response.set(response).is_ok();
        if is_first {
            self.changed.notify_waiters();
        }
        is_first
    }

    /// Waits until there is something to answer WeChat.
    pub(crate) async fn news(&self) -> News {
        loop {
            let changed = self.changed.notified();
            if let Some(response) = self.response.get() {
                return News::Response(response.clone());
            }
            if let Some(notice) = self.notice.get() {
                return News::Notice(notice.clone());
            }
            changed.await;
        }
    }

    /// Another instance has done the work, and this came of it.
    pub(crate) fn decide_elsewhere(&self, response: Response) {
        self.done_elsewhere.store(true, Ordering::Relaxed);
        self.decide(response);
    }

    /// Whether another instance has done the work.
    pub(crate) fn is_done_elsewhere(&self) -> bool {
        self.done_elsewhere.load(Ordering::Relaxed)
    }

    /// WeChat has the response. Returns whether that is new.
    pub(crate) fn mark_delivered(&self) -> bool {
        let is_first = !self.delivered.swap(true, Ordering::Relaxed);
        if is_first {
            self.changed.notify_waiters();
        }
        is_first
    }

    /// Waits until WeChat has the response.
    pub(crate) async fn delivered(&self) {
        loop {
            let changed = self.changed.notified();
            if self.delivered.load(Ordering::Relaxed) {
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
        if self.notice.set(notice).is_ok() {
            self.changed.notify_waiters();
        }
    }
}
