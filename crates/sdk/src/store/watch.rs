//! Hearing of changes, instead of asking again and again.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{Receiver, Sender, channel};

/// Hears of changes to one value, from [`Store::watch`](super::Store::watch).
pub struct Watch {
    changes: Receiver<()>,
    /// Last, so that the receiver is gone when this looks for others.
    _entry: Option<Entry>,
}

impl Watch {
    /// Waits for a change since the last time this returned or, the first time, since it watches.
    /// Changes that follow each other closely are one.
    pub async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            pending::<()>().await;
        }
    }

    /// Hears of nothing: for a store that can't tell.
    pub fn deaf() -> Self {
        Self { changes: channel(()).1, _entry: None }
    }
}

/// Who watches which values; for implementations of a store.
#[derive(Clone, Default)]
pub struct Watchers {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    watched: Mutex<HashMap<String, Sender<()>>>,
    tell: Option<Box<dyn Fn(WatchEvent) + Send + Sync>>,
}

/// A value is watched that was not, or not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// By the first.
    Watched(String),
    /// By nobody.
    Unwatched(String),
}

struct Entry {
    key: String,
    shared: Arc<Shared>,
}

impl Watchers {
    /// Tells which values are watched, for a store that must do something about it.
    pub fn telling(tell: impl Fn(WatchEvent) + Send + Sync + 'static) -> Self {
        let (watched, tell) = (Mutex::default(), Some(Box::new(tell) as _));
        Self { shared: Arc::new(Shared { watched, tell }) }
    }

    /// Watches a value.
    pub fn watch(&self, key: &str) -> Watch {
        let mut watched = self.shared.lock();
        let changes = match watched.get(key) {
            Some(sender) => sender.subscribe(),
            None => {
                let (sender, changes) = channel(());
                watched.insert(key.to_owned(), sender);
                self.shared.tell(WatchEvent::Watched(key.to_owned()));
                changes
            }
        };
        let entry = Entry { key: key.to_owned(), shared: Arc::clone(&self.shared) };
        Watch { changes, _entry: Some(entry) }
    }

    /// A value was changed.
    pub fn notify(&self, key: &str) {
        if let Some(sender) = self.shared.lock().get(key) {
            sender.send_replace(());
        }
    }

    /// Any value may have been changed.
    pub fn notify_all(&self) {
        for sender in self.shared.lock().values() {
            sender.send_replace(());
        }
    }

    /// Whether somebody watches a value.
    pub fn is_watched(&self, key: &str) -> bool {
        self.shared.lock().contains_key(key)
    }

    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.shared.lock().is_empty()
    }

    /// What is watched.
    pub fn keys(&self) -> Vec<String> {
        self.shared.lock().keys().cloned().collect()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Sender<()>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: WatchEvent) {
        if let Some(tell) = &self.tell {
            tell(event);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut watched = self.shared.lock();
        if watched.get(&self.key).is_some_and(|sender| sender.receiver_count() == 0) {
            watched.remove(&self.key);
            self.shared.tell(WatchEvent::Unwatched(std::mem::take(&mut self.key)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_change_is_heard_by_all_who_watched_before() {
        let watchers = Watchers::default();
        let (mut first, mut second) = (watchers.watch("a"), watchers.watch("a"));
        let mut other = watchers.watch("b");
        watchers.notify("a");
        watchers.notify("a");
        first.changed().await;
        second.changed().await;
        assert_eq!(first.changed().now_or_never(), None, "two changes are one");
        assert_eq!(other.changed().now_or_never(), None);
        assert_eq!(watchers.watch("a").changed().now_or_never(), None, "it watches from now on");
        watchers.notify_all();
        first.changed().await;
        other.changed().await;
        assert_eq!(Watch::deaf().changed().now_or_never(), None);
    }

    #[test]
    fn what_nobody_watches_takes_no_room() {
        let (events, told) = channel();
        let watchers = Watchers::telling(move |event| events.send(event).unwrap());
        let (first, second) = (watchers.watch("a"), watchers.watch("a"));
        assert_eq!(watchers.keys(), ["a"]);
        drop(first);
        assert_eq!(watchers.keys(), ["a"]);
        drop(second);
        assert!(watchers.is_empty());
        watchers.notify("a");
        let expected = [WatchEvent::Watched("a".into()), WatchEvent::Unwatched("a".into())];
        assert_eq!(told.try_iter().collect::<Vec<_>>(), expected);
    }
}
