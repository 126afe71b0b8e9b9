//! Whether anybody looked for what was due.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use wxbot_sdk::clock::millis;
use wxbot_sdk::job::{JobKind, JobRecord};
use wxbot_sdk::schedule::Missed;

/// Whoever does not look for so long misses what is due meanwhile. A dead instance's lease, a short
/// outage of the store and a restart take less.
const MISSED_AFTER: Duration = Duration::from_secs(300);

/// Since when the jobs of an instance are looked for, by the store's clock.
#[derive(Default)]
pub(super) struct Lookout {
    since: AtomicU64,
    last: AtomicU64,
}

impl Lookout {
    /// Notes that somebody looks. Says since when there was no long gap.
    pub(super) fn look(&self, now: u64) -> u64 {
        let last = self.last.swap(now, Ordering::SeqCst);
        let since = self.since.load(Ordering::SeqCst);
        let has_gap = now > last.saturating_add(millis(MISSED_AFTER));
        // Or the clock was set back.
        if has_gap || now < since {
            self.since.store(now, Ordering::SeqCst);
            return now;
        }
        since
    }
}

/// Whether a job was due long before anybody looked, and is to be left out then. What waits for its
/// turn while the bot runs is late, but not missed.
pub(super) fn is_missed(record: &JobRecord, since: u64) -> bool {
    let skips = matches!(record.kind, JobKind::Cron { missed: Missed::Skip, .. });
    skips && !record.was_begun() && since > record.due.saturating_add(millis(MISSED_AFTER))
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::schedule::Zone;

    use super::*;

    /// 2025-01-01 08:00 in Beijing.
    const MORNING: u64 = 1_735_689_600_000;
    const HOUR: u64 = 3_600_000;

    fn record(missed: Missed) -> JobRecord {
        let cron = "0 * * * *".parse().unwrap();
        let kind = JobKind::Cron { cron, zone: Zone::BEIJING, missed, last: None };
        let payload = serde_json::Value::Null;
        JobRecord::new(kind, MORNING, payload)
    }

    #[test]
    fn what_is_a_little_late_or_was_tried_is_not_missed() {
        for (late, missed, attempts, expected) in [
            (HOUR, Missed::Skip, 0, true),
            (299_000, Missed::Skip, 0, false),
            (HOUR, Missed::Skip, 1, false),
            (HOUR, Missed::Once, 0, false),
        ] {
            let record = JobRecord { attempts, ..record(missed) };
            assert_eq!(is_missed(&record, MORNING + late), expected, "{late} {attempts}");
        }
        let begun = JobRecord { checkpoint: Some(1.into()), ..record(Missed::Skip) };
        assert!(!is_missed(&begun, MORNING + HOUR), "it goes on after a restart");
    }

    #[test]
    fn a_gap_is_five_minutes() {
        let lookout = Lookout::default();
        for (now, since) in [
            (MORNING, MORNING),
            (MORNING + 60_000, MORNING),
            (MORNING + 360_000, MORNING),
            (MORNING + 660_001, MORNING + 660_001),
            (MORNING + 600_000, MORNING + 600_000),
        ] {
            assert_eq!(lookout.look(now), since);
        }
    }
}
