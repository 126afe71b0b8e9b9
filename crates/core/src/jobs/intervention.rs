//! What an operator may do about a job: cancel it, or have a dead letter tried again.

use wxbot_sdk::job::{JobKind, JobRecord, id_before_death};
use wxbot_sdk::store::record::{decode, encode};
use wxbot_sdk::store::{Item, QueuedItem, Store, StoreError};

use super::listing::{is_being_done, queue_name, short_id};
use super::next::Next;
use super::place::Queue;

/// Items read per page.
const PAGE: usize = 1000;

/// What came of what an operator wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervention {
    /// It is so now.
    Done,
    /// There is no such job.
    NotFound,
    /// The job, or another one of its name, is being done or tried: it can't be changed now.
    Busy,
}

/// Cancels a job, or removes a dead letter for good. A schedule skips its next time. One that is
/// being done sends nothing more.
pub async fn cancel(store: &dyn Store, link: &str, id: &str) -> Result<Intervention, StoreError> {
    if let Some(found) = find(store, link, Queue::Jobs, id).await? {
        return cancel_found(store, &queue_name(link, Queue::Jobs), found).await;
    }
    let Some(dead) = find(store, link, Queue::Dead, id).await? else {
        return Ok(Intervention::NotFound);
    };
    let queue = queue_name(link, Queue::Dead);
    settled(store.remove(&queue, &dead.item.id).await?, Intervention::NotFound)
}

async fn cancel_found(
    store: &dyn Store,
    queue: &str,
    found: QueuedItem,
) -> Result<Intervention, StoreError> {
    let next = match decode::<JobRecord>(&found.item.value) {
        Ok(record) => Next::by_schedule(record, store.now().await?),
        Err(_) => Next::Removed,
    };
    let is_done = next.write(store, queue, &found.item.id, found.token).await?;
    settled(is_done, Intervention::Busy)
}

/// Makes a dead letter due now, with as many attempts as the first time.
pub async fn retry(store: &dyn Store, link: &str, id: &str) -> Result<Intervention, StoreError> {
    let Some(dead) = find(store, link, Queue::Dead, id).await? else {
        return Ok(Intervention::NotFound);
    };
    let Ok(record) = decode::<JobRecord>(&dead.item.value) else {
        return Ok(Intervention::NotFound);
    };
    let Some(id) = id_before_death(&dead.item.id, record.due) else {
        return Ok(Intervention::NotFound);
    };
    let queue = queue_name(link, Queue::Jobs);
    let done = match record.kind {
        JobKind::Once => add_again(store, &queue, id, record).await?,
        JobKind::Cron { .. } => hurry(store, &queue, id, record).await?,
    };
    if done == Intervention::Done {
        store.remove(&queue_name(link, Queue::Dead), &dead.item.id).await?;
    }
    Ok(done)
}

/// Unless the plugin has added another one of this name since.
async fn add_again(
    store: &dyn Store,
    queue: &str,
    id: &str,
    record: JobRecord,
) -> Result<Intervention, StoreError> {
    let record = JobRecord { attempts: 0, ..record };
    let item = Item { id: id.to_owned(), value: encode(&record), due: store.now().await? };
    settled(store.push_new(queue, item).await?, Intervention::Busy)
}

/// A schedule goes on after a dead letter: it comes now, from where the dead letter was, and then at
/// its next time.
async fn hurry(
    store: &dyn Store,
    queue: &str,
    id: &str,
    dead: JobRecord,
) -> Result<Intervention, StoreError> {
    let now = store.now().await?;
    let Some(found) = store.get_item(queue, id).await? else {
        return Ok(Intervention::NotFound);
    };
    let Ok(record) = decode::<JobRecord>(&found.item.value) else {
        return Ok(Intervention::Busy);
    };
    if is_being_done(&found, now) || record.attempts > 0 {
        return Ok(Intervention::Busy);
    }
    let (checkpoint, last_error) = (dead.checkpoint, dead.last_error);
    let record = JobRecord { due: now, checkpoint, last_error, ..record };
    let item = Item { id: id.to_owned(), value: encode(&record), due: now };
    settled(store.update_if(queue, item, found.token).await?, Intervention::Busy)
}

async fn find(
    store: &dyn Store,
    link: &str,
    queue: Queue,
    id: &str,
) -> Result<Option<QueuedItem>, StoreError> {
    let (queue, mut after) = (queue_name(link, queue), None);
    loop {
        let page = store.list_after(&queue, after.as_ref(), PAGE).await?;
        after = page.last().map(QueuedItem::cursor);
        let is_last = page.len() < PAGE;
        let found = page.into_iter().find(|found| short_id(&found.item.id) == id);
        if found.is_some() || is_last {
            return Ok(found);
        }
    }
}

fn settled(is_done: bool, otherwise: Intervention) -> Result<Intervention, StoreError> {
    Ok(if is_done { Intervention::Done } else { otherwise })
}
