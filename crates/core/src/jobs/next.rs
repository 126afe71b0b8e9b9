//! What becomes of a job after an attempt.

use std::time::Duration;

use wxbot_sdk::clock::millis;
use wxbot_sdk::job::{JobKind, JobRecord};
use wxbot_sdk::store::record::encode;
use wxbot_sdk::store::{FencingToken, Item, Store, StoreError};

/// A schedule that this configuration does not have is looked at again so soon: another instance of
/// the bot, with another configuration, may know it.
const UNKNOWN: Duration = Duration::from_secs(5);
/// How long after it was due such a schedule is forgotten.
const UNKNOWN_FOR: Duration = Duration::from_secs(24 * 3600);

/// What is to become of a job's item.
pub(super) enum Next {
    Removed,
    /// It is due then, in Unix milliseconds.
    Due(JobRecord, u64),
}

impl Next {
    /// After it is done: as the plugin asked for it again, or by its schedule.
    pub(super) fn after_success(
        record: JobRecord,
        again: Option<(Duration, serde_json::Value)>,
        now: u64,
    ) -> Self {
        match again {
            Some((delay, payload)) if record.kind == JobKind::Once => {
                let due = now.saturating_add(millis(delay));
                Self::Due(JobRecord { due, attempts: 0, payload, checkpoint: None, ..record }, due)
            }
            _ => Self::by_schedule(record, now),
        }
    }

    /// After it is done or left out: the next time, counted from the one that was due, so that a
    /// clock that is set back does not make it come twice.
    pub(super) fn by_schedule(record: JobRecord, now: u64) -> Self {
        let JobKind::Cron { cron, zone, missed, .. } = record.kind else { return Self::Removed };
        let Some(due) = cron.next_after(record.due.max(now), zone) else { return Self::Removed };
        let kind = JobKind::Cron { cron, zone, missed, last: Some(now) };
        Self::Due(JobRecord::new(kind, due, record.payload), due)
    }

    /// After a failure: with backoff.
    pub(super) fn after_failure(record: JobRecord, why: String, now: u64) -> Self {
        let due = now + millis(backoff(record.attempts));
        Self::Due(JobRecord { last_error: Some(why), ..record }, due)
    }

    /// After a shutdown cut it off, which is no attempt: at once, for the next process.
    pub(super) fn after_shutdown(record: JobRecord) -> Self {
        let (attempts, due) = (record.attempts.saturating_sub(1), record.due);
        Self::Due(JobRecord { attempts, ..record }, due)
    }

    /// A schedule that this configuration does not have: another instance may, for a while.
    pub(super) fn unknown(record: JobRecord, now: u64) -> Self {
        match now > record.due.saturating_add(millis(UNKNOWN_FOR)) {
            true => Self::Removed,
            false => Self::Due(record, now + millis(UNKNOWN)),
        }
    }

    /// Writes it, and says so: `false` if somebody else has the item by now.
    pub(super) async fn write(
        &self,
        store: &dyn Store,
        queue: &str,
        id: &str,
        token: FencingToken,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Removed => store.remove_if(queue, id, token).await,
            Self::Due(record, due) => {
                let item = Item { id: id.to_owned(), value: encode(record), due: *due };
                store.update_if(queue, item, token).await
            }
        }
    }
}

/// Half a minute at first, then ever longer.
fn backoff(attempts: u32) -> Duration {
    Duration::from_secs(30 << (2 * attempts.saturating_sub(1)).min(8))
}

#[cfg(test)]
mod tests {
    use wxbot_sdk::job::MAX_ATTEMPTS;
    use wxbot_sdk::schedule::{Missed, Zone};

    use super::*;

    /// 2025-01-01 08:00 in Beijing.
    const MORNING: u64 = 1_735_689_600_000;
    const HOUR: u64 = 3_600_000;

    fn record(missed: Missed, due: u64) -> JobRecord {
        let cron = "0 * * * *".parse().unwrap();
        let kind = JobKind::Cron { cron, zone: Zone::BEIJING, missed, last: None };
        JobRecord::new(kind, due, serde_json::Value::Null)
    }

    #[test]
    fn a_clock_that_is_set_makes_no_time_come_twice() {
        for (now, expected) in [
            (MORNING, MORNING + HOUR),
            (MORNING - 10_000, MORNING + HOUR),
            (MORNING - 5 * HOUR, MORNING + HOUR),
            (MORNING + 5 * HOUR + 1, MORNING + 6 * HOUR),
        ] {
            match Next::by_schedule(record(Missed::Skip, MORNING), now) {
                Next::Due(next, due) => {
                    assert_eq!((next.due, due, next.attempts), (expected, expected, 0));
                }
                Next::Removed => panic!("it comes again"),
            }
        }
    }

    #[test]
    fn what_fails_waits_ever_longer() {
        let all: Vec<_> = (1..MAX_ATTEMPTS).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(all, [30, 120, 480, 1920]);
    }
}
