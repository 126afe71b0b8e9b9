//! What time it is: the machine's clock, or one that tests move.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Tells Unix time. Tests start one at a time of their choice; it then follows tokio's clock, so
/// that it stands still where that is paused.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Kind);

#[derive(Debug, Clone, Copy)]
enum Kind {
    System,
    Since { started: Instant, at: Duration },
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// The machine's time at this moment, and from then on what really passes: setting the machine's
    /// clock does not move it.
    pub fn steady() -> Self {
        let at = Self::system().since_epoch();
        Self(Kind::Since { started: Instant::now(), at })
    }

    /// A clock that says `unix_seconds` now.
    pub fn starting_at(unix_seconds: u64) -> Self {
        let at = Duration::from_secs(unix_seconds);
        Self(Kind::Since { started: Instant::now(), at })
    }

    /// Unix time in seconds, as on WeChat's wire.
    pub fn seconds(&self) -> u64 {
        self.since_epoch().as_secs()
    }

    /// Unix time in milliseconds.
    pub fn millis(&self) -> u64 {
        millis(self.since_epoch())
    }

    fn since_epoch(&self) -> Duration {
        match self.0 {
            Kind::System => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            Kind::Since { started, at } => at + started.elapsed(),
        }
    }
}

/// A duration in milliseconds, as stored times are counted; the longest where it does not fit.
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_of_a_test_follows_the_paused_time() {
        let clock = Clock::starting_at(1_735_689_600);
        tokio::time::advance(Duration::from_millis(2500)).await;
        assert_eq!(clock.seconds(), 1_735_689_602);
        assert_eq!(clock.millis(), 1_735_689_602_500);
    }
}
