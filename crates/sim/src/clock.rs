//! Unix time that moves with tokio's clock, so that tests can pause it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A start in Unix time, and the time that has passed on tokio's clock since.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    unix_ms: u64,
    started: Instant,
}

impl Clock {
    /// The machine's own time.
    pub fn real() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { unix_ms: millis(since), started: Instant::now() }
    }

    /// A clock that shows this many Unix seconds now. Under tokio's paused time it advances only while
    /// every task waits.
    pub fn starting_at(unix_seconds: u64) -> Self {
        Self { unix_ms: unix_seconds * 1000, started: Instant::now() }
    }

    /// Unix time in milliseconds.
    pub fn now_ms(&self) -> u64 {
        self.unix_ms + millis(self.started.elapsed())
    }

    /// Unix time in seconds.
    pub fn now(&self) -> u64 {
        self.now_ms() / 1000
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_moves_with_virtual_time() {
        let clock = Clock::starting_at(1_735_689_600);
        assert_eq!(clock.now_ms(), 1_735_689_600_000);
        tokio::time::sleep(Duration::from_millis(90_500)).await;
        assert_eq!((clock.now(), clock.now_ms()), (1_735_689_690, 1_735_689_690_500));
    }
}
