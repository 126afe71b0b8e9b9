//! The line to Redis: one connection that all calls share, made anew when it breaks, with a bound
//! on how long a call may take.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Instant;

use redis::{ErrorKind, ServerErrorKind, Value};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use wxbot_sdk::store::{StoreError, Watch};

use super::address::Address;
use super::breaker::Breaker;
use super::eviction;
use super::request::Request;
use super::servers::{PATIENCE, Wire, connect};
use super::subscriptions::Subscriptions;
use super::trouble::Trouble;
use super::wrong_types::WrongTypes;
use crate::condition::{Condition, Part};

/// Makes calls on a thread of its own: whatever holds up the callers' threads does not hold up
/// the connection, and a call once made is not broken off half-way.
pub(super) struct Line {
    desk: Arc<Desk>,
    subscriptions: Subscriptions,
    runtime: Option<Runtime>,
}

impl Line {
    /// Nothing is connected before the first call.
    pub(super) fn new(address: Address, condition: Arc<Condition>) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("wxbot-redis")
            .enable_all()
            .build()?;
        let subscriptions = Subscriptions::start(&runtime, address.clone());
        let desk = Desk {
            address,
            condition,
            breaker: Mutex::default(),
            writes: Mutex::new(Writes { refused: false, since: Instant::now() }),
            types: WrongTypes::default(),
            wire: tokio::sync::Mutex::default(),
            asked_for_eviction: Once::new(),
        };
        Ok(Self { desk: Arc::new(desk), subscriptions, runtime: Some(runtime) })
    }

    /// Hears of what is published from now on.
    pub(super) async fn watch(&self, channel: &str) -> Watch {
        self.subscriptions.watch(channel).await
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
    types: WrongTypes,
    wire: tokio::sync::Mutex<Option<Wire>>,
    /// For one warning, however often it connects.
    asked_for_eviction: Once,
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
        self.types.seen(&request.keys, answer.as_ref().err(), &self.condition);
        match &answer {
            Err(trouble) if trouble.is_no_answer() => self.failed(trouble),
            Err(trouble) if trouble.refuses_writes() => self.refused(trouble, began),
            answer => self.passed(answer.is_ok() && request.writes, began),
        }
        answer
    }

    async fn send(&self, request: &Request) -> Result<Value, Trouble> {
        let mut wire = self.wire().await?;
        let answer = match wire.ask(&request.short(), request.slot).await {
            // The server was started anew, or told to forget its scripts. Nothing was done yet.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                wire.ask(&request.whole(), request.slot).await
            }
            answer => answer,
        };
        let answer = answer.map_err(Trouble::Redis);
        if answer.as_ref().is_err_and(Trouble::needs_new_connection) {
            self.hang_up().await;
        }
        answer
    }

    async fn wire(&self) -> Result<Wire, Trouble> {
        let mut wire = self.wire.lock().await;
        match &*wire {
            Some(wire) => Ok(wire.clone()),
            None => {
                let new = wire.insert(connect(&self.address).await?).clone();
                let (wire, store) = (new.clone(), self.address.to_string());
                self.asked_for_eviction
                    .call_once(|| drop(tokio::spawn(eviction::warn(wire, store))));
                Ok(new)
            }
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
