//! How many lines a process may have in our log.

use std::time::Duration;

use tokio::time::Instant;

/// Lines in a second; what is more is counted.
const MOST_LINES: u32 = 50;

/// Lets so many lines through in a second, and counts the rest.
pub(crate) struct LogThrottle {
    began: Instant,
    lines: u32,
}

impl LogThrottle {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), lines: 0 }
    }

    /// Begins the next one if it is time, and tells what was left out in this one.
    pub(crate) fn begin_next(&mut self) -> Option<u32> {
        if self.began.elapsed() < Duration::from_secs(1) {
            return None;
        }
        let left_out = self.left_out();
        *self = Self::new();
        left_out
    }

    /// Counts a line; says whether it is to be logged.
    pub(crate) fn has_room(&mut self) -> bool {
        self.lines = self.lines.saturating_add(1);
        self.lines <= MOST_LINES
    }

    /// How many lines were not logged, if any.
    pub(crate) fn left_out(&self) -> Option<u32> {
        self.lines.checked_sub(MOST_LINES).filter(|left_out| *left_out > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lines_of_a_second_have_a_bound() {
        let mut throttle = LogThrottle::new();
        let shown = (0..60).filter(|_| throttle.has_room()).count();
        assert_eq!((shown, throttle.begin_next()), (50, None));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(throttle.begin_next(), Some(10));
        assert!(throttle.has_room());
        assert_eq!(throttle.left_out(), None);
    }
}
