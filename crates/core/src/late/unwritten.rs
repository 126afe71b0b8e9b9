//! What the store would not take of the outbox: kept in memory until it does, listed, and bounded.

use std::collections::HashMap;

use tokio::time::Instant;
use wxbot_sdk::store::FencingToken;
use wxbot_sdk::store::record::encode;

use super::item::OutboxItem;

/// Late answers that only this process has may take so much.
const MAX_BYTES: usize = 32 << 20;
/// What an entry takes beside its answer, about.
const OVERHEAD: usize = 256;

/// What should be there.
#[derive(Clone)]
pub(super) enum Wanted {
    /// Nothing: it is done.
    Nothing,
    /// This, under the lease of somebody in this process, who writes it with the next renewal.
    Leased(Box<OutboxItem>),
    /// This, due then, unless another process has taken it since.
    Due(Box<OutboxItem>, Instant, Option<FencingToken>),
}

impl Wanted {
    /// The item, and when it is due.
    fn item(&self) -> Option<(&OutboxItem, Option<Instant>)> {
        match self {
            Self::Nothing => None,
            Self::Leased(item) => Some((item, None)),
            Self::Due(item, due, _) => Some((item, Some(*due))),
        }
    }
}

/// Items by id.
#[derive(Default)]
pub(super) struct Unwritten {
    entries: HashMap<String, Entry>,
    bytes: usize,
}

struct Entry {
    wanted: Wanted,
    bytes: usize,
}

impl Unwritten {
    /// Whether one more fits that the store knows nothing of. What it knows something of is as many
    /// as this process worked on when the trouble began.
    pub(super) fn has_room(&self, id: &str) -> bool {
        self.bytes < MAX_BYTES || self.entries.contains_key(id)
    }

    pub(super) fn insert(&mut self, id: &str, wanted: Wanted) {
        let answer = wanted.item().map_or(0, |(item, _)| encode(item).len());
        let entry = Entry { wanted, bytes: OVERHEAD + id.len() + answer };
        self.bytes += entry.bytes;
        let before = self.entries.insert(id.to_owned(), entry);
        self.bytes -= before.map_or(0, |entry| entry.bytes);
    }

    pub(super) fn remove(&mut self, id: &str) {
        let removed = self.entries.remove(id);
        self.bytes -= removed.map_or(0, |entry| entry.bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What somebody in this process works on and the store never took.
    pub(super) fn leased(&self, id: &str) -> Option<&OutboxItem> {
        match &self.entries.get(id)?.wanted {
            Wanted::Leased(item) => Some(item),
            _ => None,
        }
    }

    /// Nobody in this process works on it any more: it is due then.
    pub(super) fn release(&mut self, id: &str, due: Instant, token: Option<FencingToken>) {
        if let Some(item) = self.leased(id) {
            let item = Box::new(item.clone());
            self.insert(id, Wanted::Due(item, due, token));
        }
    }

    /// Makes one that nobody works on due now, as if it had never been tried. Says whether there is
    /// one of this id.
    pub(super) fn retry(&mut self, id: &str, now: Instant, expires: u64) -> bool {
        let Some(entry) = self.entries.get_mut(id) else { return false };
        if let Wanted::Due(item, due, _) = &mut entry.wanted {
            (item.attempts, *due) = (0, now);
            item.expires = item.expires.max(expires);
        }
        !matches!(entry.wanted, Wanted::Nothing)
    }

    /// Takes those that are due: this process gives them without the store.
    pub(super) fn take_due(
        &mut self,
        now: Instant,
    ) -> Vec<(String, OutboxItem, Option<FencingToken>)> {
        let is_due = |_: &String, entry: &mut Entry| matches!(entry.wanted, Wanted::Due(_, due, _) if due <= now);
        let due: Vec<_> = self.entries.extract_if(is_due).collect();
        self.bytes -= due.iter().map(|(_, entry)| entry.bytes).sum::<usize>();
        due.into_iter()
            .filter_map(|(id, entry)| match entry.wanted {
                Wanted::Due(item, _, token) => Some((id, *item, token)),
                _ => None,
            })
            .collect()
    }

    /// What nobody in this process works on: that is written again.
    pub(super) fn released(&self) -> Vec<String> {
        let is_released = |(_, entry): &(_, &Entry)| !matches!(entry.wanted, Wanted::Leased(_));
        self.entries.iter().filter(is_released).map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn get(&self, id: &str) -> Option<&Wanted> {
        self.entries.get(id).map(|entry| &entry.wanted)
    }

    /// The items by id, and when each is due unless it is worked on.
    pub(super) fn items(&self) -> impl Iterator<Item = (&str, &OutboxItem, Option<Instant>)> {
        self.entries.iter().filter_map(|(id, entry)| {
            let (item, due) = entry.wanted.item()?;
            Some((id.as_str(), item, due))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wxbot_sdk::reply::Reply;

    use super::*;
    use crate::late::item::Stage;

    fn answer(bytes: usize) -> Box<OutboxItem> {
        let parts = vec![Reply::text("a".repeat(bytes))];
        Box::new(OutboxItem::example(Stage::Ready { parts, offered: false, begun: 0 }))
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_bounded_and_takes_back_its_room() {
        let (mut unwritten, now) = (Unwritten::default(), Instant::now());
        let mut taken = 0;
        while unwritten.has_room(&taken.to_string()) {
            unwritten.insert(&taken.to_string(), Wanted::Due(answer(1 << 20), now, None));
            taken += 1;
        }
        assert_eq!(taken, 32, "of a megabyte and what an entry takes");
        assert!(unwritten.has_room("7"), "what is there may change");
        unwritten.insert("7", Wanted::Nothing);
        assert!(unwritten.has_room("more"));
        unwritten.insert("more", Wanted::Leased(answer(1 << 20)));
        assert!(!unwritten.has_room("even more"));
        assert_eq!(unwritten.take_due(now).len(), 31);
        unwritten.remove("more");
        unwritten.remove("7");
        assert_eq!((unwritten.bytes, unwritten.is_empty()), (0, true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_worked_on_is_not_due_until_it_is_released() {
        let (mut unwritten, now) = (Unwritten::default(), Instant::now());
        unwritten.insert("id", Wanted::Leased(answer(1)));
        assert!(unwritten.leased("id").is_some());
        assert!(unwritten.retry("id", now, 0), "it is there, but somebody works on it");
        assert!(unwritten.take_due(now).is_empty());
        assert!(unwritten.released().is_empty());

        let later = now + Duration::from_secs(30);
        unwritten.release("id", later, None);
        assert_eq!(unwritten.released(), ["id"]);
        assert!(unwritten.take_due(now).is_empty());
        assert!(unwritten.retry("id", now, 0));
        assert_eq!(unwritten.take_due(now).len(), 1);
        assert!(!unwritten.retry("id", now, 0), "it was taken");
    }
}
