//! What the store would not take of the outbox: kept in memory until it does, listed, and bounded.

use std::collections::HashMap;

use tokio::time::Instant;
use wxbot_sdk::store::FencingToken;
use wxbot_sdk::store::record::encode;

use super::item::OutboxItem;

/// The most memory that late answers may take which only this process has.
const MAX_BYTES: usize = 32 << 20;
/// Roughly what an entry takes besides its answer.
const OVERHEAD: usize = 256;

/// What should be there. A token is that of an item which the store has, as it was.
#[derive(Clone)]
pub(super) enum Wanted {
    /// Nothing: it is done.
    Nothing(Option<FencingToken>),
    /// This, under the lease of somebody in this process, who writes it with the next renewal.
    Leased(Box<OutboxItem>, Option<FencingToken>),
    /// This, due then, unless another process has taken it since.
    Due(Box<OutboxItem>, Instant, Option<FencingToken>),
}

impl Wanted {
    /// The item, and when it is due.
    fn item(&self) -> Option<(&OutboxItem, Option<Instant>)> {
        match self {
            Self::Nothing(_) => None,
            Self::Leased(item, _) => Some((item, None)),
            Self::Due(item, due, _) => Some((item, Some(*due))),
        }
    }

    fn token(&self) -> Option<FencingToken> {
        match self {
            Self::Nothing(token) | Self::Leased(_, token) | Self::Due(_, _, token) => *token,
        }
    }
}

/// Items by id.
#[derive(Default)]
pub(super) struct Unwritten {
    entries: HashMap<String, Entry>,
    bytes: usize,
    /// Counts what was wanted.
    generation: u64,
    writing: Option<Writing>,
}

struct Entry {
    wanted: Wanted,
    generation: u64,
    bytes: usize,
}

/// What is being written right now, while others go on.
struct Writing {
    id: String,
    generation: u64,
    /// It left the store meanwhile, maybe before it was written.
    was_removed: bool,
}

impl Unwritten {
    /// Records what should be there. Returns `false` if there is no room for it. There always is for
    /// what the store has, as that is no more than this process worked on when the trouble began.
    pub(super) fn insert(&mut self, id: &str, wanted: Wanted) -> bool {
        let is_known = wanted.token().is_some() || self.entries.contains_key(id);
        let room = match wanted {
            // Forgotten, it might be given twice.
            Wanted::Nothing(_) => 2 * MAX_BYTES,
            _ => MAX_BYTES,
        };
        if !is_known && self.bytes >= room {
            return false;
        }
        let answer = wanted.item().map_or(0, |(item, _)| encode(item).len());
        self.generation += 1;
        let (generation, bytes) = (self.generation, OVERHEAD + id.len() + answer);
        self.bytes += bytes;
        let before = self.entries.insert(id.to_owned(), Entry { wanted, generation, bytes });
        self.bytes -= before.map_or(0, |entry| entry.bytes);
        true
    }

    /// The store has what it should have.
    pub(super) fn remove(&mut self, id: &str) {
        let removed = self.entries.remove(id);
        self.bytes -= removed.map_or(0, |entry| entry.bytes);
    }

    /// The store has it no more.
    pub(super) fn removed(&mut self, id: &str) {
        self.remove(id);
        if let Some(writing) = self.writing.as_mut().filter(|writing| writing.id == id) {
            writing.was_removed = true;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What somebody in this process works on and the store never took.
    pub(super) fn leased(&self, id: &str) -> Option<&OutboxItem> {
        match &self.entries.get(id)?.wanted {
            Wanted::Leased(item, _) => Some(item),
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

    /// Makes one that nobody works on due now, as if it had never been tried. Returns whether there is
    /// one of this id.
    pub(super) fn retry(&mut self, id: &str, now: Instant, expires: u64) -> bool {
        let Some(entry) = self.entries.get_mut(id) else { return false };
        if let Wanted::Due(item, due, _) = &mut entry.wanted {
            (item.attempts, *due) = (0, now);
            item.expires = item.expires.max(expires);
        }
        !matches!(entry.wanted, Wanted::Nothing(_))
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
        let is_released = |(_, entry): &(_, &Entry)| !matches!(entry.wanted, Wanted::Leased(..));
        self.entries.iter().filter(is_released).map(|(id, _)| id.clone()).collect()
    }

    /// Begins to write one of them.
    pub(super) fn begin_writing(&mut self, id: &str) -> Option<Wanted> {
        let Entry { wanted, generation, .. } = self.entries.get(id)?;
        let (id, generation) = (id.to_owned(), *generation);
        self.writing = Some(Writing { id, generation, was_removed: false });
        Some(wanted.clone())
    }

    /// It is written: it is wanted no more, unless something else is meanwhile. Returns whether it has to
    /// leave the store again, as it did while it was written.
    pub(super) fn end_writing(&mut self) -> bool {
        let Some(Writing { id, generation, was_removed }) = self.writing.take() else {
            return false;
        };
        if self.entries.get(&id).is_some_and(|entry| entry.generation == generation) {
            self.remove(&id);
        }
        was_removed
    }

    /// Drops one that nobody works on, also from the store as soon as it can be. Returns whether there is
    /// one of this id.
    pub(super) fn cancel(&mut self, id: &str) -> bool {
        match self.entries.get(id).map(|entry| &entry.wanted) {
            Some(Wanted::Due(_, _, token)) => self.insert(id, Wanted::Nothing(*token)),
            _ => false,
        }
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
        let due = |token| Wanted::Due(answer(1 << 20), now, token);
        while unwritten.insert(&taken.to_string(), due(None)) {
            taken += 1;
        }
        assert_eq!(taken, 32, "of a megabyte and what an entry takes");
        assert!(!unwritten.insert("new", Wanted::Leased(answer(1), None)));
        assert!(unwritten.insert("done", Wanted::Nothing(None)), "that weighs more");
        unwritten.remove("done");
        assert!(unwritten.insert("stored", due(Some(FencingToken(7)))), "as the store has it");
        unwritten.remove("stored");
        assert!(unwritten.insert("7", Wanted::Nothing(None)), "what is there may change");
        assert!(unwritten.insert("more", Wanted::Leased(answer(1 << 20), None)));
        assert!(!unwritten.insert("even more", due(None)));
        assert_eq!(unwritten.take_due(now).len(), 31);
        unwritten.remove("more");
        unwritten.remove("7");
        assert_eq!((unwritten.bytes, unwritten.is_empty()), (0, true));
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_while_it_is_written_counts() {
        let (mut unwritten, now) = (Unwritten::default(), Instant::now());
        let due = || Wanted::Due(answer(1), now, None);
        unwritten.insert("id", due());
        unwritten.begin_writing("id");
        assert!(!unwritten.end_writing() && unwritten.is_empty(), "nothing happened");

        unwritten.insert("id", due());
        unwritten.begin_writing("id");
        assert!(unwritten.cancel("id"));
        assert!(!unwritten.end_writing());
        assert_eq!(unwritten.released(), ["id"], "it is still to be dropped");

        unwritten.insert("id", due());
        unwritten.begin_writing("id");
        unwritten.removed("id");
        unwritten.removed("another");
        assert!(unwritten.end_writing(), "it came into the store behind its removal");
        assert!(unwritten.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_worked_on_is_not_due_until_it_is_released() {
        let (mut unwritten, now) = (Unwritten::default(), Instant::now());
        unwritten.insert("id", Wanted::Leased(answer(1), None));
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
