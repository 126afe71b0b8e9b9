//! How many calls of an account are made at once, how many wait for that, and in which order.

mod turns;

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use self::turns::{Turn, Turns};

/// Calls made at once. WeChat answers in about 100 ms, so this is 160 a second, above what it lets an
/// account do all day; and an API that hangs holds so many connections and no more.
const CALLS: usize = 16;
/// Calls that wait: as many as are made in [`PATIENCE`] where one takes 40 ms. More would wait in vain.
const WAITING: usize = 4096;
/// Calls to one follower, made and waiting: nobody fills the places of all.
const TO_ONE_FOLLOWER: usize = 64;
/// How long a call waits. Whoever asked has somebody waiting, too.
const PATIENCE: Duration = Duration::from_secs(10);

/// Lets calls of one account through, the first to come first, and to one follower one at a time.
pub(crate) struct Limiter {
    places: Semaphore,
    calls: Semaphore,
    turns: Turns,
}

/// A call that is let in, from waiting until its answer. What it does for others ends with it.
pub(crate) struct Entered<'l> {
    limiter: &'l Limiter,
    _place: SemaphorePermit<'l>,
    _turn: Option<Turn<'l>>,
}

/// Too many calls wait, or this one waited too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Limiter {
    pub(crate) fn new() -> Self {
        Self {
            places: Semaphore::new(CALLS + WAITING),
            calls: Semaphore::new(CALLS),
            turns: Turns::default(),
        }
    }

    /// Lets a call in; one to a follower when those before it to the same follower are done.
    pub(crate) async fn enter(&self, openid: Option<&str>) -> Result<Entered<'_>, TooMany> {
        let place = self.places.try_acquire().map_err(|_| TooMany)?;
        let turn = match openid {
            Some(openid) if self.turns.taken(openid) >= TO_ONE_FOLLOWER => return Err(TooMany),
            Some(openid) => Some(within(self.turns.turn(openid)).await?),
            None => None,
        };
        Ok(Entered { limiter: self, _place: place, _turn: turn })
    }
}

impl Entered<'_> {
    /// Waits until this call may be made. It is made when the permit goes.
    pub(crate) async fn call(&self) -> Result<SemaphorePermit<'_>, TooMany> {
        let permit = within(self.limiter.calls.acquire()).await?;
        Ok(permit.expect("this semaphore is never closed"))
    }
}

async fn within<T>(waiting: impl Future<Output = T>) -> Result<T, TooMany> {
    timeout(PATIENCE, waiting).await.map_err(|_| TooMany)
}
