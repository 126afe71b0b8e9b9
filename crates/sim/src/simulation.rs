//! What everything on WeChat's side shares: the account, the clock, the options, and the world.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;

use crate::account::{Account, AccountError, Fresh};
use crate::clock::Clock;
use crate::crypto::Key;
use crate::endpoint::Endpoint;
use crate::options::Options;
use crate::world::World;

pub(crate) struct Simulation {
    pub(crate) account: Account,
    pub(crate) key: Option<Key>,
    pub(crate) clock: Clock,
    pub(crate) options: Options,
    /// Where scheduled events are delivered.
    runtime: Option<Handle>,
    world: Mutex<World>,
}

impl Simulation {
    pub(crate) fn new(
        account: Account,
        clock: Clock,
        options: Options,
    ) -> Result<Self, AccountError> {
        let key = account.key()?;
        let world = Mutex::new(World::new(options.seed, clock.now_ms()));
        let runtime = Handle::try_current().ok();
        Ok(Self { account, key, clock, options, runtime, world })
    }

    /// Reads or changes the world, under its lock.
    pub(crate) fn with_world<T>(&self, access: impl FnOnce(&mut World) -> T) -> T {
        access(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn endpoint(&self) -> Option<Arc<dyn Endpoint>> {
        self.with_world(|world| world.endpoint.clone())
    }

    /// A timestamp, a nonce and random bytes for a request.
    pub(crate) fn fresh(&self) -> Fresh {
        let timestamp = self.clock.now();
        self.with_world(|world| world.fresh(timestamp))
    }

    /// Spawns on the runtime that the simulation was created on, or else on the caller's.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(task)),
            None => drop(tokio::spawn(task)),
        }
    }
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Simulation({:?}, seed {})", self.account, self.options.seed)
    }
}
