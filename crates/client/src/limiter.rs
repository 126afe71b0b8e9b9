//! How many calls of an account are made at once, how many wait for that, and in which order.

mod turns;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use self::turns::{Turn, Turns};

/// Calls made at once. At 100 ms each, that is 160 a second, more than the quotas of a day allow;
/// and an API that hangs holds no more connections than that.
const CALLS: usize = 16;
/// Calls with a file to WeChat among them, and as many with one from there. They may take a minute, and
/// messages must not wait for them.
const FILES: usize = 4;
/// Calls that wait: as many as are made within [`PATIENCE`] at 40 ms each. More would wait in vain.
const WAITING: usize = 4096;
/// Calls to one follower, made or waiting, so that one follower can't fill the queue.
const TO_ONE_FOLLOWER: usize = 64;
/// How long a call waits. Whoever makes it is awaited, too.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lets the calls of one account through: first come, first served, one at a time to a follower.
pub(crate) struct Limiter {
    places: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    downloads: Arc<Semaphore>,
    turns: Arc<Turns>,
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
    /// Other files to WeChat.
    Upload,
    /// Other files from there. An upload may read one, so they don't wait for each other.
    Download,
}

/// A call that was let in. It holds its place in the queue and in its lane until it is dropped.
pub(crate) struct Entered {
    limiter: Arc<Limiter>,
    _place: OwnedSemaphorePermit,
    _turn: Option<Turn>,
    _file: Option<OwnedSemaphorePermit>,
}

/// A call that is being made, until its answer is there, or is dropped.
pub(crate) struct Slot {
    _entered: Arc<Entered>,
    _call: OwnedSemaphorePermit,
}

/// Too many calls wait, or this one waited too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Limiter {
    pub(crate) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(CALLS + WAITING)),
            calls: Arc::new(Semaphore::new(CALLS)),
            uploads: Arc::new(Semaphore::new(FILES)),
            downloads: Arc::new(Semaphore::new(FILES)),
            turns: Arc::default(),
            refused: AtomicU64::new(0),
        }
    }

    /// Lets a call in when it is next in its lane.
    pub(crate) async fn enter(self: &Arc<Self>, lane: &Lane) -> Result<Arc<Entered>, TooMany> {
        self.counted(self.try_enter(lane).await).map(Arc::new)
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

    async fn try_enter(self: &Arc<Self>, lane: &Lane) -> Result<Entered, TooMany> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| TooMany)?;
        let (turn, file) = match lane {
            Lane::Any => (None, None),
            Lane::Upload => (None, Some(acquire(&self.uploads).await?)),
            Lane::Download => (None, Some(acquire(&self.downloads).await?)),
            Lane::Follower(openid) if self.turns.taken(openid) >= TO_ONE_FOLLOWER => {
                return Err(TooMany);
            }
            Lane::Follower(openid) => (Some(within(self.turns.turn(openid)).await?), None),
        };
        Ok(Entered { limiter: Arc::clone(self), _place: place, _turn: turn, _file: file })
    }
}

impl Entered {
    /// Waits until the call may be made.
    pub(crate) async fn call(self: &Arc<Self>) -> Result<Slot, TooMany> {
        let call = self.limiter.counted(acquire(&self.limiter.calls).await)?;
        Ok(Slot { _entered: Arc::clone(self), _call: call })
    }
}

async fn acquire(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, TooMany> {
    let acquired = within(Arc::clone(semaphore).acquire_owned()).await?;
    Ok(acquired.expect("no semaphore here is ever closed"))
}

async fn within<T>(waiting: impl Future<Output = T>) -> Result<T, TooMany> {
    timeout(PATIENCE, waiting).await.map_err(|_| TooMany)
}
