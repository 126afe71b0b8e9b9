//! Stop 6, in time? WeChat hangs up 5 s after it began to deliver (protocol section 2.6).

use std::time::Duration;

use tokio::time::Instant;

/// WeChat's 5 s less what the network takes.
pub const WINDOW: Duration = Duration::from_millis(4500);

/// How long the answer to one delivery may take.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    arrived: Instant,
}

impl Window {
    /// Opens when a delivery arrives.
    pub fn open(arrived: Instant) -> Self {
        Self { arrived }
    }

    /// When the answer has to leave.
    pub fn closes(self) -> Instant {
        self.arrived + WINDOW
    }

    /// What is left of it; zero when it is over.
    pub fn remaining(self) -> Duration {
        self.closes().saturating_duration_since(Instant::now())
    }

    /// How long it has been open.
    pub fn elapsed(self) -> Duration {
        self.arrived.elapsed()
    }
}
