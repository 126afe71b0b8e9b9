//! The life of an instance, which may end at any step.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A life that ends without a last word: nothing that belongs to it goes on.
pub struct Life {
    over: AtomicBool,
    ended: Notify,
    /// Before and after each change in the store and each call of WeChat's API.
    steps: AtomicUsize,
    /// It ends there.
    last_step: AtomicUsize,
    /// Something was sent, and is still in the outbox.
    sending: AtomicBool,
    /// Until then it stands still.
    stopped_until: Mutex<Option<Instant>>,
}

impl Life {
    /// One that ends at this step.
    pub(super) fn until(last_step: usize) -> Self {
        Self {
            over: AtomicBool::new(false),
            ended: Notify::new(),
            steps: AtomicUsize::new(0),
            last_step: AtomicUsize::new(last_step),
            sending: AtomicBool::new(false),
            stopped_until: Mutex::default(),
        }
    }

    /// Ends it.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
        self.ended.notify_waiters();
    }

    /// Stops it for so long, as SIGSTOP and SIGCONT would: no call of it goes out or comes back.
    pub fn stop_for(&self, time: Duration) {
        *self.stopped_until.lock().expect("nobody panics in here") = Some(Instant::now() + time);
    }

    async fn go_on(&self) {
        let until = *self.stopped_until.lock().expect("nobody panics in here");
        if let Some(until) = until {
            sleep_until(until).await;
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Whether it ended after something was sent and before that was noted: nobody can know then.
    pub fn ended_sending(&self) -> bool {
        self.is_over() && self.sending.load(Ordering::SeqCst)
    }

    /// One more step, which may be the last one.
    pub(super) async fn step(&self) {
        if self.steps.fetch_add(1, Ordering::SeqCst) == self.last_step.load(Ordering::SeqCst) {
            self.end();
        }
        self.live(async {}).await;
    }

    pub(super) fn notes(&self, sending: bool) {
        if !self.is_over() {
            self.sending.store(sending, Ordering::SeqCst);
        }
    }

    /// Does something, unless the life ends before it is done.
    pub(super) async fn live<T>(&self, work: impl Future<Output = T>) -> T {
        self.go_on().await;
        match self.outlive(work).await {
            Some(done) => {
                self.go_on().await;
                done
            }
            None => pending().await,
        }
    }

    pub(super) async fn outlive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let ended = self.ended.notified();
        if self.is_over() {
            return None;
        }
        tokio::select! {
            biased;
            () = ended => None,
            done = work => Some(done),
        }
    }
}
