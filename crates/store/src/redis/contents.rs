//! All that is in a Redis, page by page.

use std::time::Duration;

use async_trait::async_trait;
use wxbot_sdk::store::{QueuedItem, Store, StoreError, StoredValue};

use super::Redis;
use super::answer::unexpected;
use super::keys::Name;
use super::request::Request;
use super::scan::{ScanPlace, first_slots};
use super::script;
use crate::contents::{Contents, Entry, Page};

/// Keys looked at for a page of [`Contents`], and items of a queue read at once.
const SCANNED: u64 = 500;

#[async_trait]
impl Contents for Redis {
    /// Of a cluster, one master after the other.
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let (next, keys) = self.scan(from, self.keys.pattern()).await?;
        let mut entries = Vec::new();
        for name in keys.iter().filter_map(|key| self.keys.name(key)) {
            match name {
                Name::Value(key) => entries.extend(self.value(key).await?.map(Entry::from)),
                Name::Queue(queue) => entries.extend(self.queue(queue).await?),
            }
        }
        Ok(Page { entries, next })
    }
}

impl Redis {
    /// Some keys of this pattern, and where to go on: in a cluster from master to master.
    pub(super) async fn scan(
        &self,
        from: Option<Vec<u8>>,
        pattern: String,
    ) -> Result<(Option<Vec<u8>>, Vec<Vec<u8>>), StoreError> {
        let place = match from {
            Some(from) => ScanPlace::read(&from),
            None => ScanPlace::start(self.slot_behind(None).await?),
        };
        let scan = Request::command("SCAN", place.cursor).at(place.slot);
        let scan = scan.with("MATCH").with(pattern).with("COUNT").with_number(SCANNED);
        let (cursor, keys): (Vec<u8>, Vec<Vec<u8>>) = self.ask(scan).await?;
        let next = match (cursor == b"0", place.slot) {
            (false, slot) => Some(ScanPlace { slot, cursor }),
            (true, None) => None,
            (true, slot) => self.slot_behind(slot).await?.map(|slot| ScanPlace::start(Some(slot))),
        };
        Ok((next.map(|place| place.written()), keys))
    }

    /// The first slot of the next master of a cluster; `None` behind the last one, and where there is
    /// no cluster.
    async fn slot_behind(&self, slot: Option<u16>) -> Result<Option<u16>, StoreError> {
        if !self.is_cluster {
            return Ok(None);
        }
        let slots = self.ask(Request::without_key("CLUSTER").with("SLOTS")).await?;
        let slots = first_slots(slots).map_err(unexpected)?;
        Ok(slots.into_iter().find(|first| slot.is_none_or(|slot| *first > slot)))
    }

    pub(super) async fn value(&self, key: String) -> Result<Option<StoredValue>, StoreError> {
        let get = Request::script(&script::GET_WITH_TTL, vec![self.keys.value(&key)]);
        let (value, left): (Option<Vec<u8>>, i64) = self.ask(get).await?;
        let ttl = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        Ok(value.filter(|_| !ttl.is_zero()).map(|value| StoredValue { key, value, ttl }))
    }

    async fn queue(&self, queue: String) -> Result<Vec<Entry>, StoreError> {
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let items = self.list_after(&queue, after.as_ref(), SCANNED as usize).await?;
            let Some(last) = items.last() else { return Ok(entries) };
            after = Some(last.cursor());
            let entry =
                |queued: QueuedItem| Entry::Item { queue: queue.clone(), item: queued.item };
            entries.extend(items.into_iter().map(entry));
        }
    }
}
