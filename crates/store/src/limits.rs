//! How much a store holds, and how long.

use std::time::Duration;

/// A longer time to live is cut to this, so that no sum of a time and a TTL overflows.
const LONGEST_TTL: Duration = Duration::from_secs(100 * 365 * 86_400);
/// Times beyond it, in Unix milliseconds, are not told apart: Redis keeps them as doubles.
const LAST_DUE: u64 = 1 << 53;

/// What a store holds at most, whatever arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Items of one queue. A new one beyond them is refused. 100 000 unless set.
    pub queue_items: usize,
    /// Values in `file:`. Beyond them the one whose time is over soonest is forgotten. A million
    /// unless set; a byte bound is their size times this.
    pub file_values: u64,
    /// Bytes of keys and values in `memory:`. Beyond them the value that was used longest ago is
    /// forgotten. 64 MiB unless set.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue_items: 100_000, file_values: 1_000_000, memory_bytes: 64 << 20 }
    }
}

/// A TTL that can be added to any time of this age.
pub(crate) fn ttl(ttl: Duration) -> Duration {
    ttl.min(LONGEST_TTL)
}

/// A TTL in whole milliseconds; what is not zero does not become zero.
pub(crate) fn ttl_millis(time: Duration) -> u64 {
    u64::try_from(ttl(time).as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A due time that every store keeps exactly.
pub(crate) fn due(millis: u64) -> u64 {
    millis.min(LAST_DUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_below_a_millisecond_is_one() {
        assert_eq!(ttl_millis(Duration::from_nanos(1)), 1);
        assert_eq!(ttl_millis(Duration::ZERO), 0);
    }

    #[test]
    fn the_longest_ttl_can_be_added_to_now() {
        assert_eq!(ttl_millis(Duration::MAX), LONGEST_TTL.as_millis() as u64);
    }
}
