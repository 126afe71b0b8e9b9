//! Turns by key: whoever has the same key comes one after the other, in the order of asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// The keys of which somebody has the turn, or waits for it. What nobody asks for takes no room.
#[derive(Default)]
pub(super) struct Turns {
    lines: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// The turn of one key, or a place in its line.
pub(super) struct Turn {
    turns: Arc<Turns>,
    key: String,
    /// `None` while waiting.
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    pub(super) async fn turn(self: &Arc<Self>, key: &str) -> Turn {
        let line = Arc::clone(self.lines().entry(key.to_owned()).or_default());
        // From here on, so that the line is left by whoever stops waiting, too.
        let mut turn = Turn { turns: Arc::clone(self), key: key.to_owned(), held: None };
        turn.held = Some(line.lock_owned().await);
        turn
    }

    /// How many have the turn of a key, or wait for it.
    pub(super) fn taken(&self, key: &str) -> usize {
        self.lines().get(key).map_or(0, |line| Arc::strong_count(line) - 1)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<()>>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = self.turns.lines();
        self.held = None;
        if lines.get(&self.key).is_some_and(|line| Arc::strong_count(line) == 1) {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn one_key_comes_in_order_and_another_does_not_wait() {
        let turns = Arc::new(Turns::default());
        let (start, order) = (Instant::now(), Mutex::new(Vec::new()));
        let work = async |key, name| {
            let _turn = turns.turn(key).await;
            order.lock().unwrap().push((name, start.elapsed().as_secs()));
            sleep(SECOND).await;
        };
        tokio::join!(work("a", 1), work("a", 2), work("a", 3), work("b", 4));
        assert_eq!(*order.lock().unwrap(), [(1, 0), (4, 0), (2, 1), (3, 2)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_everybody_left_takes_no_room() {
        let turns = Arc::new(Turns::default());
        let first = turns.turn("a").await;
        timeout(SECOND, turns.turn("a")).await.err().expect("it is taken");
        assert_eq!((turns.taken("a"), turns.taken("b")), (1, 0));
        drop(first);
        assert_eq!(turns.lines().len(), 0);
        drop(turns.turn("a").await);
        assert_eq!(turns.lines().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_does_not_break_the_line() {
        let turns = Arc::new(Turns::default());
        let first = turns.turn("a").await;
        let second = async { drop(timeout(SECOND, turns.turn("a")).await) };
        let third = async {
            let _turn = turns.turn("a").await;
            assert_eq!(turns.lines().len(), 1);
        };
        let end = async {
            sleep(2 * SECOND).await;
            drop(first);
        };
        tokio::join!(second, third, end);
        assert_eq!(turns.lines().len(), 0);
    }
}
