//! Looks at what another instance is doing, again and again.

use std::time::Duration;

use tokio::time::sleep;

/// Between two looks, at first and at most.
const LOOKS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));
/// So often the store is asked in vain before an instance goes by what it knows itself.
const TROUBLES: u32 = 3;

/// Looks again and again, less often each time.
pub(super) struct Looks {
    pause: Duration,
    troubles: u32,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self { pause: LOOKS.0, troubles: 0 }
    }

    pub(super) async fn pause(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(LOOKS.1);
    }

    pub(super) fn went_well(&mut self) {
        self.troubles = 0;
    }

    pub(super) fn gave_up(&mut self) -> bool {
        self.troubles += 1;
        self.troubles >= TROUBLES
    }
}
