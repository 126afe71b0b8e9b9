//! The line to Redis: one connection that all calls share, made anew when it breaks, with a bound
//! on how long a call may take.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use wxbot_sdk::store::StoreError;

use super::address::Address;
use super::breaker::{Breaker, Resting};
use super::request::Request;
use super::servers::{TIMEOUT, Wire, connect};
use crate::condition::{Condition, Part};

/// For a whole call: a connection, an answer, and some waiting for the other callers.
pub(super) const PATIENCE: Duration = Duration::from_millis(2 * TIMEOUT.as_millis() as u64 + 50);

/// Makes calls on a thread of its own: whatever holds up the callers' threads does not hold up
/// the connection, and a call once made is not broken off half-way.
pub(super) struct Line {
    desk: Arc<Desk>,
    runtime: Option<Runtime>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// The breaker is open.
    #[error("Redis failed a moment ago and is asked again in {} ms", .0.0.as_millis())]
    Resting(Resting),
    #[error("no answer from Redis within {} ms", PATIENCE.as_millis())]
    Late,
    #[error("the program is ending")]
    Ending,
    #[error(transparent)]
    Redis(#[from] RedisError),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unreachable(trouble.into())
    }
}

impl Line {
    /// Nothing is connected before the first call.
    pub(super) fn new(address: Address, condition: Arc<Condition>) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("wxbot-redis")
            .enable_all()
            .build()?;
        let desk = Desk {
            address,
            condition,
            breaker: Mutex::default(),
            writes: Mutex::new(Writes { refused: false, since: Instant::now() }),
            wire: tokio::sync::Mutex::default(),
        };
        Ok(Self { desk: Arc::new(desk), runtime: Some(runtime) })
    }

    /// Asks Redis. Returns within [`PATIENCE`], and at once while the breaker is open.
    pub(super) async fn ask(&self, request: Request) -> Result<Value, StoreError> {
        let admitted = self.desk.breaker().admit(Instant::now(), PATIENCE);
        admitted.map_err(Trouble::Resting)?;
        let runtime = self.runtime.as_ref().ok_or(Trouble::Ending)?;
        let call = runtime.spawn(Arc::clone(&self.desk).call(request));
        Ok(call.await.unwrap_or(Err(Trouble::Ending))?)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The thread's side.
struct Desk {
    address: Address,
    condition: Arc<Condition>,
    breaker: Mutex<Breaker>,
    writes: Mutex<Writes>,
    wire: tokio::sync::Mutex<Option<Wire>>,
}

/// Whether writes are refused; reads may go well all the same.
struct Writes {
    refused: bool,
    /// What a call says that began before says nothing new.
    since: Instant,
}

impl Writes {
    fn are(&mut self, refused: bool, began: Instant) {
        if self.refused != refused && began >= self.since {
            *self = Self { refused, since: Instant::now() };
        }
    }
}

impl Desk {
    async fn call(self: Arc<Self>, request: Request) -> Result<Value, Trouble> {
        let began = Instant::now();
        let answer = timeout(PATIENCE, self.send(&request)).await.unwrap_or(Err(Trouble::Late));
        match &answer {
            Err(trouble) if is_no_answer(trouble) => self.failed(trouble),
            Err(trouble) if refuses_writes(trouble) => self.refused(trouble, began),
            answer => self.passed(answer.is_ok() && request.writes, began),
        }
        answer
    }

    async fn send(&self, request: &Request) -> Result<Value, Trouble> {
        let mut wire = self.wire().await?;
        let answer = match wire.ask(&request.short()).await {
            // The server was started anew, or told to forget its scripts. Nothing was done yet.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                wire.ask(&request.whole()).await
            }
            answer => answer,
        };
        let answer = answer.map_err(Trouble::Redis);
        if answer.as_ref().is_err_and(|trouble| is_no_answer(trouble) || refuses_writes(trouble)) {
            self.hang_up().await;
        }
        answer
    }

    async fn wire(&self) -> Result<Wire, Trouble> {
        let mut wire = self.wire.lock().await;
        match &*wire {
            Some(wire) => Ok(wire.clone()),
            None => Ok(wire.insert(connect(&self.address).await?).clone()),
        }
    }

    /// The next call connects anew, perhaps to another server. Calls on the old one go on.
    async fn hang_up(&self) {
        *self.wire.lock().await = None;
    }

    fn passed(&self, wrote: bool, began: Instant) {
        self.breaker().passed();
        let mut writes = self.writes();
        if wrote {
            writes.are(false, began);
        }
        self.condition.good(Part::Reads);
        if !writes.refused {
            self.condition.good(Part::Writes);
        }
    }

    fn failed(&self, trouble: &Trouble) {
        if self.breaker().failed(Instant::now()) {
            self.condition.degraded(Part::Reads, &trouble.to_string());
        }
    }

    fn refused(&self, trouble: &Trouble, began: Instant) {
        self.breaker().passed();
        let mut writes = self.writes();
        writes.are(true, began);
        if writes.refused {
            self.condition.degraded(Part::Writes, &trouble.to_string());
        }
        self.condition.good(Part::Reads);
    }

    fn writes(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this is not an answer to what was asked, but to asking at all.
fn is_no_answer(trouble: &Trouble) -> bool {
    let Trouble::Redis(error) = trouble else { return true };
    match error.kind() {
        ErrorKind::UnexpectedReturnType => false,
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::TryAgain
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
        ),
        ErrorKind::Extension => matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "BUSY")),
        _ => true,
    }
}

/// Whether the server is there but keeps nothing: a replica, one without memory or disk, one that
/// lost its replicas.
fn refuses_writes(trouble: &Trouble) -> bool {
    let Trouble::Redis(error) = trouble else { return false };
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || matches!(error.code(), Some("OOM" | "MISCONF" | "NOREPLICAS" | "READONLY"))
}
