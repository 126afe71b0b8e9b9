//! WeChat itself: one account, its followers, its API, and the bot that is called.

use std::net::IpAddr;
use std::sync::Arc;

use rand::RngExt;
use serde_json::Value;
use tokio::time::timeout;

use crate::account::{Account, AccountError};
use crate::api;
use crate::api_call::{ApiCall, ApiRequest, ApiResponse};
use crate::clock::Clock;
use crate::delivery::DELIVERY_TIMEOUT;
use crate::endpoint::{Broken, Endpoint, Request};
use crate::exchange::Exchange;
use crate::faults::Fault;
use crate::follower::{Follower, openid_of};
use crate::options::Options;
use crate::simulation::Simulation;

/// WeChat's side of the wire, for one account. Clones share everything.
#[derive(Debug, Clone)]
pub struct WeChat {
    pub(crate) simulation: Arc<Simulation>,
}

/// Why WeChat's console refuses an address (section 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// There is no address.
    #[error("no endpoint is connected")]
    NotConnected,
    /// No answer.
    #[error("there was no answer within 5 seconds")]
    TimedOut,
    /// The connection broke.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A status other than 200.
    #[error("the status is {0}")]
    Status(u16),
    /// A body other than `echostr`, to the byte.
    #[error("expected the echostr `{expected}`, got `{got}`")]
    Echo {
        /// The echostr.
        expected: String,
        /// The body.
        got: String,
    },
}

impl WeChat {
    /// WeChat with an account, and with the default options.
    pub fn new(account: Account, clock: Clock) -> Result<Self, AccountError> {
        Self::with(account, clock, Options::default())
    }

    /// WeChat with an account and options.
    pub fn with(account: Account, clock: Clock, options: Options) -> Result<Self, AccountError> {
        let simulation = Arc::new(Simulation::new(account, clock, options)?);
        let Simulation { account, options, .. } = &*simulation;
        tracing::info!(account = account.original_id, seed = options.seed, "simulating WeChat");
        Ok(Self { simulation })
    }

    /// Enters the bot's address in the console, without a handshake.
    pub fn connect(&self, endpoint: Arc<dyn Endpoint>) {
        self.simulation.with_world(|world| world.endpoint = Some(endpoint));
    }

    /// Checks that the bot has the account's token, as the console does (section 1).
    pub async fn handshake(&self) -> Result<(), HandshakeError> {
        let endpoint = self.simulation.endpoint().ok_or(HandshakeError::NotConnected)?;
        let echostr =
            self.simulation.with_world(|world| world.rng.random_range(1_u64 << 60..1 << 63));
        let query = self.account().signed_query(&self.simulation.fresh());
        let query = format!("{query}&echostr={echostr}");
        let request = Request { method: "GET", query, content_type: None, body: Vec::new() };
        let answer = timeout(DELIVERY_TIMEOUT, endpoint.deliver(request)).await;
        let answer = answer.map_err(|_| HandshakeError::TimedOut)??;
        if answer.status != 200 {
            return Err(HandshakeError::Status(answer.status));
        }
        let expected = echostr.to_string();
        if answer.body != expected.as_bytes() {
            let got = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(HandshakeError::Echo { expected, got });
        }
        Ok(())
    }

    /// Somebody by name or by openid. A new person has followed the account for a day.
    pub fn follower(&self, name: &str) -> Follower {
        self.follower_called(&openid_of(name, &self.account().app_id))
    }

    /// Somebody with exactly this openid, whatever it looks like.
    pub fn follower_called(&self, openid: &str) -> Follower {
        Follower::new(Arc::clone(&self.simulation), openid.to_owned())
    }

    /// Somebody who does not follow the account.
    pub fn stranger(&self, name: &str) -> Follower {
        let follower = self.follower(name);
        follower.set_follows(false);
        follower
    }

    /// The openids of everybody who is known.
    pub fn openids(&self) -> Vec<String> {
        self.simulation.with_world(|world| world.followers.keys().cloned().collect())
    }

    /// Handles one call of the API. `Broken` is a connection that broke by a fault.
    pub async fn api(&self, request: ApiRequest) -> Result<ApiResponse, Broken> {
        api::handle(&self.simulation, request).await
    }

    /// Adds a fault to those in force.
    pub fn fault(&self, fault: Fault) {
        self.simulation.with_world(|world| world.faults.add(fault));
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.simulation.with_world(|world| world.faults.clear());
    }

    /// All exchanges that have ended, those of scheduled events included. Of very many the first
    /// are dropped.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.simulation.with_world(|world| world.exchanges.to_vec())
    }

    /// All calls of the API that were handled. Of very many the first are dropped.
    pub fn calls(&self) -> Vec<ApiCall> {
        self.simulation.with_world(|world| world.calls.to_vec())
    }

    /// Allows only these addresses to ask for tokens; others get 40164.
    pub fn set_ip_whitelist(&self, addresses: impl Into<Vec<IpAddr>>) {
        self.simulation.with_world(|world| world.ip_whitelist = Some(addresses.into()));
    }

    /// What the owner made in the console before there was a server: a menu, as
    /// `get_current_selfmenu_info` shows it in `selfmenu_info`, and auto-replies, as
    /// `get_current_autoreply_info` shows them. Null is none.
    pub fn set_console(&self, menu: Value, auto_replies: Value) {
        let is_there = |value: &Value| !value.is_null();
        self.simulation.with_world(|world| {
            world.console_menu = Some(menu).filter(is_there);
            world.console_replies = Some(auto_replies).filter(is_there);
        });
    }

    /// Which humans of customer service are online, `name@account`. At the start nobody is.
    pub fn set_online_kf(&self, accounts: impl IntoIterator<Item = impl Into<String>>) {
        let online = accounts.into_iter().map(Into::into).collect();
        self.simulation.with_world(|world| world.online_kf = online);
    }

    /// Sets how often a call may be made in a day; more often is 45009.
    pub fn set_daily_limit(&self, path: &str, daily: u64) {
        self.simulation.with_world(|world| world.quotas.set_limit(path, daily));
    }

    /// Revokes all access tokens, as if another process had refreshed them: they get 40001 from
    /// now on.
    pub fn spend_tokens(&self) {
        let now = self.clock().now_ms();
        self.simulation.with_world(|world| world.tokens.revoke_all(now));
    }

    /// How many access tokens were issued.
    pub fn tokens_issued(&self) -> u64 {
        self.simulation.with_world(|world| world.tokens.count())
    }

    /// Adds a template to the account, for template messages and for notices.
    pub fn add_template(&self, id: &str, title: &str) {
        let (id, title) = (id.to_owned(), title.to_owned());
        self.simulation.with_world(|world| world.templates.insert(id, title));
    }

    /// Adds a published article to the account, for messages of the type `mpnewsarticle`.
    pub fn add_article(&self, id: &str) {
        self.simulation.with_world(|world| world.articles.insert(id.to_owned()));
    }

    /// What becomes of drafts that are published from now on, as a `publish_status` (section 4.4):
    /// 0 is success.
    pub fn set_publish_status(&self, status: u64) {
        self.simulation.with_world(|world| world.drafts.next_status = status);
    }

    /// The account's tags: ids and names.
    pub fn tags(&self) -> Vec<(u64, String)> {
        let owned = |(id, name): (u64, &str)| (id, name.to_owned());
        self.simulation.with_world(|world| world.tags.iter().map(owned).collect())
    }

    /// The buttons of the default menu.
    pub fn menu(&self) -> Option<Value> {
        self.simulation.with_world(|world| Some(world.menus.default.as_ref()?.buttons.clone()))
    }

    /// The account.
    pub fn account(&self) -> &Account {
        &self.simulation.account
    }

    /// WeChat's clock.
    pub fn clock(&self) -> Clock {
        self.simulation.clock
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.simulation.options
    }
}
