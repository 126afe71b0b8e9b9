//! WeChat itself: one account, its followers, and the bot that is called.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::account::{Account, AccountError};
use crate::api::ApiCall;
use crate::clock::Clock;
use crate::delivery::PATIENCE;
use crate::endpoint::{Broken, Endpoint, Request};
use crate::exchange::Exchange;
use crate::faults::Fault;
use crate::follower::{Follower, openid_of};
use crate::options::Options;
use crate::push::signed_query;
use crate::wire::Key;
use crate::world::World;

/// WeChat's side of the wire, for one account. Clones are the same WeChat.
#[derive(Clone)]
pub struct WeChat {
    shared: Arc<Shared>,
}

struct Shared {
    account: Account,
    key: Option<Key>,
    clock: Clock,
    options: Options,
    /// Where events are delivered that nobody waits for.
    runtime: Option<Handle>,
    world: Mutex<World>,
}

/// Why WeChat's console does not take an address (section 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeFailure {
    /// There is no address.
    #[error("no endpoint is connected")]
    NotConnected,
    /// No answer.
    #[error("there was no answer within 5 seconds")]
    TimedOut,
    /// The connection came to nothing.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// Another status than 200.
    #[error("the status is {0}")]
    Status(u16),
    /// Something else than `echostr`, to the byte.
    #[error("expected the echostr `{expected}`, got `{came}`")]
    Echo {
        /// The echostr.
        expected: String,
        /// The body.
        came: String,
    },
}

impl WeChat {
    /// WeChat with an account, where the documents leave something open as by default.
    pub fn new(account: Account, clock: Clock) -> Result<Self, AccountError> {
        Self::with(account, clock, Options::default())
    }

    /// The same with a choice where the documents leave something open.
    pub fn with(account: Account, clock: Clock, options: Options) -> Result<Self, AccountError> {
        let key = account.key()?;
        tracing::info!(account = account.original_id, seed = options.seed, "WeChat is simulated");
        let world = Mutex::new(World::new(options.seed, clock.now_ms()));
        let runtime = Handle::try_current().ok();
        Ok(Self { shared: Arc::new(Shared { account, key, clock, options, runtime, world }) })
    }

    /// Enters the bot's address in the console, without asking it.
    pub fn connect(&self, endpoint: Arc<dyn Endpoint>) {
        self.world(|world| world.endpoint = Some(endpoint));
    }

    /// Asks the bot whether it is the account's, as the console does (section 1).
    pub async fn handshake(&self) -> Result<(), HandshakeFailure> {
        let endpoint = self.endpoint().ok_or(HandshakeFailure::NotConnected)?;
        let echostr = self.world(|world| world.rng.random_range(1_u64 << 60..1 << 63)).to_string();
        let query = signed_query(self.account(), &self.fresh());
        let query = format!("{query}&echostr={echostr}");
        let request = Request { method: "GET", query, content_type: None, body: Vec::new() };
        let answer = timeout(PATIENCE, endpoint.deliver(request)).await;
        let answer = answer.map_err(|_| HandshakeFailure::TimedOut)??;
        if answer.status != 200 {
            return Err(HandshakeFailure::Status(answer.status));
        }
        if answer.body != echostr.as_bytes() {
            let came = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(HandshakeFailure::Echo { expected: echostr, came });
        }
        Ok(())
    }

    /// Somebody by a name, or by an openid. Who is new has followed the account for a day.
    pub fn follower(&self, name: &str) -> Follower {
        let openid = openid_of(name, &self.account().app_id);
        self.world(|world| world.follower(&openid).acts);
        Follower::new(self.clone(), openid)
    }

    /// Somebody with exactly this openid, whatever it looks like.
    pub fn follower_called(&self, openid: &str) -> Follower {
        self.world(|world| world.follower(openid).acts);
        Follower::new(self.clone(), openid.to_owned())
    }

    /// Somebody who does not follow the account.
    pub fn stranger(&self, name: &str) -> Follower {
        let follower = self.follower(name);
        self.world(|world| world.follower(follower.openid()).follows = false);
        follower
    }

    /// Has something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.world(|world| world.faults.add(fault));
    }

    /// Has everything go well again.
    pub fn clear_faults(&self) {
        self.world(|world| world.faults.clear());
    }

    /// All exchanges that have ended, WeChat's own events among them. The first of very many are
    /// forgotten.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.world(|world| world.exchanges.to_vec())
    }

    /// All calls of the API that were worked on. The first of very many are forgotten.
    pub fn calls(&self) -> Vec<ApiCall> {
        self.world(|world| world.calls.to_vec())
    }

    /// Lets only these addresses ask for tokens; others get 40164.
    pub fn let_in_only(&self, addresses: impl Into<Vec<IpAddr>>) {
        self.world(|world| world.ip_whitelist = Some(addresses.into()));
    }

    /// How often a call may be made in a day; more is 45009.
    pub fn limit(&self, path: &str, daily: u64) {
        self.world(|world| world.quotas.set(path, daily));
    }

    /// The account's tags: ids and names.
    pub fn tags(&self) -> Vec<(u64, String)> {
        self.world(|world| world.tags.all())
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.shared.account
    }

    /// What time it is for WeChat.
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }

    /// What was chosen.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    pub(crate) fn key(&self) -> Option<&Key> {
        self.shared.key.as_ref()
    }

    /// Runs where this WeChat was made, or where it is called.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.shared.runtime {
            Some(runtime) => drop(runtime.spawn(work)),
            None => drop(tokio::spawn(work)),
        }
    }

    pub(crate) fn endpoint(&self) -> Option<Arc<dyn Endpoint>> {
        self.world(|world| world.endpoint.clone())
    }

    /// Looks at everything, or changes it. Nothing waits in there.
    pub(crate) fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.shared.world.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for WeChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeChat({:?}, seed {})", self.account(), self.options().seed)
    }
}
