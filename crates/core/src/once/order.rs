//! One follower's messages are worked on one at a time, in the order they came; followers do not
//! wait for each other.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use foldhash::quality::RandomState;
use tokio::sync::oneshot;

use crate::hashed::HashedMap;

const SHARDS: usize = 16;

/// Who waits for whom.
pub(crate) struct Order {
    shards: Box<[Mutex<Lines>]>,
    keys: RandomState,
    /// Messages of one follower that wait.
    most_waiting: usize,
    /// Messages of all followers that wait or are at a front.
    most: usize,
    standing: AtomicUsize,
}

/// There is a line while somebody is at its front.
type Lines = HashedMap<u64, VecDeque<oneshot::Sender<Front>>>;

/// Somebody who writes to an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follower<'f> {
    pub(crate) account: &'f str,
    pub(crate) openid: &'f str,
}

/// A place in a follower's line.
pub(crate) struct Turn {
    place: Place,
    /// Comes when all in front are done; `None` at the front.
    front: Result<Front, oneshot::Receiver<Front>>,
}

/// Is counted while it lasts.
struct Place(Arc<Order>);

/// A turn that has come.
pub(crate) struct AtFront {
    _front: Option<Front>,
    _place: Place,
}

/// The front of a follower's line. Whoever drops it lets the next one come.
struct Front {
    order: Arc<Order>,
    line: u64,
}

/// Too many messages of the follower wait already, or of all followers together.
#[derive(Debug)]
pub(crate) struct Full;

impl Order {
    pub(crate) fn new(most_waiting: usize, most: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let (keys, standing) = (RandomState::default(), AtomicUsize::new(0));
        Self { shards, keys, most_waiting, most, standing }
    }

    /// Takes a place in the follower's line, at the end.
    pub(crate) fn enter(self: &Arc<Self>, follower: Follower<'_>) -> Result<Turn, Full> {
        let place = Place::take(self)?;
        let line = self.keys.hash_one((follower.account, follower.openid));
        let front = match self.lines(line).entry(line) {
            Entry::Occupied(waiting) if waiting.get().len() >= self.most_waiting => {
                return Err(Full);
            }
            Entry::Occupied(mut waiting) => {
                let (at_front, turn) = oneshot::channel();
                waiting.get_mut().push_back(at_front);
                Err(turn)
            }
            Entry::Vacant(place) => {
                place.insert(VecDeque::new());
                Ok(Front { order: Arc::clone(self), line })
            }
        };
        Ok(Turn { place, front })
    }

    fn lines(&self, line: u64) -> MutexGuard<'_, Lines> {
        // By other bits than those by which the map finds it.
        self.shards[(line >> 32) as usize % SHARDS]
            .lock()
            .expect("no code panics while holding this lock")
    }

    fn leave(self: &Arc<Self>, line: u64) {
        let mut lines = self.lines(line);
        let Entry::Occupied(mut waiting) = lines.entry(line) else { return };
        match waiting.get_mut().pop_front() {
            None => drop(waiting.remove()),
            Some(next) => {
                drop(lines);
                // If nobody waits there any more, the front is dropped here and the next one comes.
                let _ = next.send(Front { order: Arc::clone(self), line });
            }
        }
    }
}

impl Turn {
    /// Waits until all who came before are done. A front that is lost on the way, as when the
    /// runtime ends, is no reason not to go on.
    pub(crate) async fn wait(self) -> AtFront {
        let front = match self.front {
            Ok(front) => Some(front),
            Err(turn) => turn.await.ok(),
        };
        AtFront { _front: front, _place: self.place }
    }
}

impl Place {
    fn take(order: &Arc<Order>) -> Result<Self, Full> {
        let place = Self(Arc::clone(order));
        let standing = order.standing.fetch_add(1, Ordering::Relaxed);
        if standing < order.most { Ok(place) } else { Err(Full) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.standing.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.order.leave(self.line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const ALICE: Follower<'_> = Follower { account: "main", openid: "alice" };
    const BOB: Follower<'_> = Follower { account: "main", openid: "bob" };
    const ANOTHER: Follower<'_> = Follower { account: "other", openid: "alice" };

    #[tokio::test]
    async fn a_follower_waits_for_their_own_messages_only() {
        let order = Arc::new(Order::new(8, 100));
        let first = order.enter(ALICE).unwrap().wait().await;
        let mut second = Box::pin(order.enter(ALICE).unwrap().wait());
        let mut third = Box::pin(order.enter(ALICE).unwrap().wait());
        assert!(order.enter(BOB).unwrap().wait().now_or_never().is_some());
        assert!(order.enter(ANOTHER).unwrap().wait().now_or_never().is_some());
        assert!((&mut second).now_or_never().is_none());
        assert!((&mut third).now_or_never().is_none());
        drop(first);
        assert!((&mut third).now_or_never().is_none(), "the second comes first");
        drop(second.now_or_never().expect("it is the second's turn"));
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_stops_waiting_holds_nobody_up() {
        let order = Arc::new(Order::new(8, 100));
        let first = order.enter(ALICE).unwrap().wait().await;
        let gone: Vec<_> = (0..8).map(|_| order.enter(ALICE).unwrap()).collect();
        assert!(order.enter(ALICE).is_err(), "eight wait already");
        drop(gone);
        drop(first);
        assert!(order.enter(ALICE).unwrap().wait().now_or_never().is_some());
        assert!(order.shards.iter().all(|lines| lines.lock().unwrap().is_empty()));
    }

    #[tokio::test]
    async fn all_followers_together_have_a_bound_too() {
        let order = Arc::new(Order::new(8, 2));
        let first = order.enter(ALICE).unwrap().wait().await;
        let second = order.enter(BOB).unwrap();
        assert!(order.enter(ANOTHER).is_err(), "two stand already");
        assert!(order.enter(ANOTHER).is_err(), "who was sent away is not counted");
        drop(second);
        assert!(order.enter(ANOTHER).is_ok());
        drop(first);
        assert_eq!(order.standing.load(Ordering::Relaxed), 0);
    }
}
