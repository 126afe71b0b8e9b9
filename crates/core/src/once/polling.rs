//! Polls the store for what another instance is doing, with backoff.

use std::time::Duration;

use tokio::time::sleep;

/// Between two polls, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));
/// So often the store fails before an instance goes by what it knows itself.
const MAX_FAILURES: u32 = 3;

/// Polls again and again, less often each time.
pub(super) struct Polling {
    pause: Duration,
    failures: u32,
}

impl Polling {
    pub(super) fn new() -> Self {
        Self { pause: PAUSE.0, failures: 0 }
    }

    pub(super) async fn pause(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(PAUSE.1);
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(super) fn failed_too_often(&mut self) -> bool {
        self.failures += 1;
        self.failures >= MAX_FAILURES
    }
}
