//! Waits for what another instance does to a value of the store.

use std::time::Duration;

use tokio::time::timeout;
use wxbot_sdk::store::{Store, Watch};

/// Until the value is read again although no change was heard of, at first and at most: a store may
/// hear of nothing, and no change tells that an instance has died.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Failures of the store before an instance relies on what it knows itself.
const MAX_FAILURES: u32 = 3;

/// Watches one value, once it turns out that there is something to wait for.
pub(super) struct Watching<'s> {
    store: &'s dyn Store,
    key: &'s str,
    watch: Option<Watch>,
    pause: Duration,
    failures: u32,
}

impl<'s> Watching<'s> {
    pub(super) fn new(store: &'s dyn Store, key: &'s str) -> Self {
        Self { store, key, watch: None, pause: PAUSE.0, failures: 0 }
    }

    /// Returns when it is time to read the value again.
    pub(super) async fn wait(&mut self) {
        match &mut self.watch {
            // What was changed before it watches it does not hear of, so the caller reads it at once.
            None => self.watch = Some(self.store.watch(self.key).await),
            Some(watch) => {
                let _ = timeout(self.pause, watch.changed()).await;
                self.pause = (self.pause * 3 / 2).min(PAUSE.1);
            }
        }
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(super) fn failed_too_often(&mut self) -> bool {
        self.failures += 1;
        self.failures >= MAX_FAILURES
    }
}
