//! Graceful shutdown, for those who wait for something else.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether the process is about to end.
#[derive(Default)]
pub(crate) struct Shutdown {
    has_begun: AtomicBool,
    begins: Notify,
}

impl Shutdown {
    pub(crate) fn begin(&self) {
        self.has_begun.store(true, Ordering::SeqCst);
        self.begins.notify_waiters();
    }

    /// Waits until it begins.
    pub(crate) async fn begun(&self) {
        let begins = self.begins.notified();
        if !self.has_begun.load(Ordering::SeqCst) {
            begins.await;
        }
    }
}
