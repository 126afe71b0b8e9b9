//! `[limits]`: how much is remembered and may wait.

use std::time::Duration;

/// How much is remembered and may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long responses are remembered for repeated deliveries, at least.
    pub keep: Duration,
    /// Bytes of remembered responses, for each account.
    pub bytes: usize,
    /// Messages of one follower that wait while another one is worked on.
    pub waiting: usize,
    /// Messages that are worked on or wait, of all followers.
    pub running: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { keep: Duration::from_secs(60), bytes: 64 << 20, waiting: 16, running: 100_000 }
    }
}
