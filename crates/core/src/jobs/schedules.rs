//! The schedules of an instance are in its queue: each once, whoever starts first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wxbot_sdk::clock::millis;
use wxbot_sdk::job::{JobKind, JobRecord, id_of_schedule};
use wxbot_sdk::schedule::Schedule;
use wxbot_sdk::store::record::{decode, encode};
use wxbot_sdk::store::{Item, Store, StoreError};

use crate::instance::Instance;

/// What was last done so much later than now was done by a clock that was wrong.
const WRONG_CLOCK: Duration = Duration::from_secs(3600);

/// Whether they are there.
#[derive(Default)]
pub(super) struct Schedules {
    are_registered: AtomicBool,
}

impl Schedules {
    /// Puts them into the queue, once. One that is there stays as it is, unless it was changed; what
    /// is being done by the old one is done first.
    pub(super) async fn register(
        &self,
        store: &dyn Store,
        queue: &str,
        instance: &Instance,
    ) -> Result<(), StoreError> {
        if self.are_registered.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut are_registered = true;
        for schedule in &instance.schedules {
            are_registered &= register(store, queue, schedule).await?;
        }
        self.are_registered.store(are_registered, Ordering::Relaxed);
        Ok(())
    }
}

/// Returns whether it is there now.
async fn register(store: &dyn Store, queue: &str, schedule: &Schedule) -> Result<bool, StoreError> {
    let id = id_of_schedule(&schedule.name);
    let now = store.now().await?;
    let Some(new) = first(schedule, now) else { return Ok(true) };
    let item = Item { id: id.clone(), value: encode(&new), due: new.due };
    if store.push_new(queue, item.clone()).await? {
        return Ok(true);
    }
    let Some(found) = store.get_item(queue, &id).await? else { return Ok(false) };
    match decode::<JobRecord>(&found.item.value) {
        Ok(record) if is_same(&record, schedule, now) => Ok(true),
        // To write it would end the lease.
        Ok(record) if found.is_leased || record.was_begun() => Ok(false),
        _ => store.update_if(queue, item, found.token).await,
    }
}

/// As it begins; `None` where it never comes again.
fn first(schedule: &Schedule, now: u64) -> Option<JobRecord> {
    let Schedule { cron, zone, missed, .. } = schedule.clone();
    let due = cron.next_after(now, zone)?;
    let kind = JobKind::Cron { cron, zone, missed, last: None };
    Some(JobRecord::new(kind, due, serde_json::Value::Null))
}

fn is_same(record: &JobRecord, schedule: &Schedule, now: u64) -> bool {
    let JobKind::Cron { cron, zone, missed, last } = &record.kind else { return false };
    let was_wrong = last.is_some_and(|last| last > now + millis(WRONG_CLOCK));
    let is_same = *cron == schedule.cron && *zone == schedule.zone;
    is_same && *missed == schedule.missed && !was_wrong
}
