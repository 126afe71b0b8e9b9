//! How many calls of an account are made at once, how many wait for that, and in which order.

mod turns;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use self::turns::{Turn, Turns};

/// Calls made at once. At 100 ms each, that is 160 a second, more than the quotas of a day allow;
/// and an API that hangs holds no more connections than that.
const CALLS: usize = 16;
/// Calls with files among them. They may take a minute, and messages must not wait for them.
const FILES: usize = 4;
/// Calls that wait: as many as are made within [`PATIENCE`] at 40 ms each. More would wait in vain.
const WAITING: usize = 4096;
/// Calls to one follower, made or waiting, so that one follower can't fill the queue.
const TO_ONE_FOLLOWER: usize = 64;
/// How long a call waits. Whoever makes it is awaited, too.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lets the calls of one account through: first come, first served, one at a time to a follower.
pub(crate) struct Limiter {
    places: Semaphore,
    calls: Semaphore,
    files: Semaphore,
    turns: Turns,
    /// Calls that were not let through so far.
    refused: AtomicU64,
}

/// What else a call has to wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Nothing.
    Any,
    /// The calls before it to the follower of this openid.
    Follower(String),
    /// Other files.
    File,
}

/// A call that was let in. It holds its place in the queue and in its lane until it is dropped.
pub(crate) struct Entered<'l> {
    limiter: &'l Limiter,
    _place: SemaphorePermit<'l>,
    _turn: Option<Turn<'l>>,
    _file: Option<SemaphorePermit<'l>>,
}

/// Too many calls wait, or this one waited too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Limiter {
    pub(crate) fn new() -> Self {
        Self {
            places: Semaphore::new(CALLS + WAITING),
            calls: Semaphore::new(CALLS),
            files: Semaphore::new(FILES),
            turns: Turns::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// Lets a call in when it is next in its lane.
    pub(crate) async fn enter(&self, lane: &Lane) -> Result<Entered<'_>, TooMany> {
        self.counted(self.try_enter(lane).await)
    }

    /// Calls that are made now, and calls that wait.
    pub(crate) fn calling_and_waiting(&self) -> (usize, usize) {
        let entered = CALLS + WAITING - self.places.available_permits();
        let calling = (CALLS - self.calls.available_permits()).min(entered);
        (calling, entered - calling)
    }

    /// Calls that were not let through so far.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn counted<T>(&self, entered: Result<T, TooMany>) -> Result<T, TooMany> {
        entered.inspect_err(|TooMany| {
            self.refused.fetch_add(1, Ordering::Relaxed);
        })
    }

    async fn try_enter(&self, lane: &Lane) -> Result<Entered<'_>, TooMany> {
        let place = self.places.try_acquire().map_err(|_| TooMany)?;
        let (turn, file) = match lane {
            Lane::Any => (None, None),
            Lane::File => (None, Some(acquire(&self.files).await?)),
            Lane::Follower(openid) if self.turns.taken(openid) >= TO_ONE_FOLLOWER => {
                return Err(TooMany);
            }
            Lane::Follower(openid) => (Some(within(self.turns.turn(openid)).await?), None),
        };
        Ok(Entered { limiter: self, _place: place, _turn: turn, _file: file })
    }
}

impl Entered<'_> {
    /// Waits until the call may be made. The permit is held until its answer is there.
    pub(crate) async fn call(&self) -> Result<SemaphorePermit<'_>, TooMany> {
        self.limiter.counted(acquire(&self.limiter.calls).await)
    }
}

async fn acquire(semaphore: &Semaphore) -> Result<SemaphorePermit<'_>, TooMany> {
    Ok(within(semaphore.acquire()).await?.expect("no semaphore here is ever closed"))
}

async fn within<T>(waiting: impl Future<Output = T>) -> Result<T, TooMany> {
    timeout(PATIENCE, waiting).await.map_err(|_| TooMany)
}
