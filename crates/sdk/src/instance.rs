//! What an instance of a plugin has apart from any message: its store, its followers, its tasks.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api::Api;
use crate::clock::Clock;
use crate::job::{JobSignal, Jobs};
use crate::sending::{Messenger, NotSent, SendError, Sending, Sent};
use crate::store::{Namespace, Store};
use crate::tasks::Tasks;

/// One entry of the chain while the bot serves. Clones are the same instance; a task may keep one.
///
/// ```
/// # use std::time::Duration;
/// # use wxbot_sdk::prelude::*;
/// # struct Prices;
/// # impl Prices { async fn read_again(&self) {} }
/// # async fn start(ctx: &InstanceContext, prices: std::sync::Arc<Prices>) {
/// ctx.spawn(async move {
///     loop {
///         tokio::time::sleep(Duration::from_secs(60)).await;
///         prices.read_again().await;
///     }
/// });
/// # }
/// ```
#[derive(Clone)]
pub struct InstanceContext {
    parts: Arc<InstanceParts>,
    tasks: Weak<Tasks>,
}

/// What a context is made of.
pub struct InstanceParts {
    /// The instance's id in the chain.
    pub link: Arc<str>,
    /// Every account, in the order of `bot.toml`.
    pub accounts: Arc<[AccountHandle]>,
    /// What the bot keeps.
    pub store: Arc<dyn Store>,
    /// Told of jobs that are added.
    pub job_signal: JobSignal,
    /// What time it is.
    pub clock: Clock,
}

/// An account as plugins may use it.
pub struct AccountHandle {
    /// Its id in `bot.toml`.
    pub id: Arc<str>,
    /// WeChat's API, as this account.
    pub api: Arc<dyn Api>,
    /// Sends messages of this account that answer nothing.
    pub messenger: Arc<dyn Messenger>,
}

impl InstanceContext {
    /// For the host of plugins: an instance whose tasks are these.
    pub fn new(parts: InstanceParts, tasks: &Arc<Tasks>) -> Self {
        Self { parts: Arc::new(parts), tasks: Arc::downgrade(tasks) }
    }

    /// The instance's id in the chain.
    pub fn link(&self) -> &str {
        &self.parts.link
    }

    /// What time it is.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.parts.clock.millis())
    }

    /// The same in Unix seconds.
    pub fn unix_now(&self) -> u64 {
        self.parts.clock.seconds()
    }

    /// The accounts' ids, in the order of `bot.toml`.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.parts.accounts.iter().map(|account| &*account.id)
    }

    /// WeChat's API, as this account; `None` where there is no such account.
    pub fn api(&self, account: &str) -> Option<Arc<dyn Api>> {
        self.account(account).map(|account| Arc::clone(&account.api))
    }

    /// Sends a follower of an account something, as
    /// [`Context::send_to`](crate::context::Context::send_to) does.
    pub async fn send_to(
        &self,
        account: &str,
        openid: &str,
        sending: impl Into<Sending>,
    ) -> Result<Sent, SendError> {
        let Some(found) = self.account(account) else {
            let known = self.accounts().collect::<Vec<_>>().join(", ");
            let message = format!("no account has the id `{account}`; there are: {known}");
            return Err(SendError { outcome: NotSent::Account, ..SendError::invalid(message) });
        };
        found.messenger.send(openid, sending.into()).await
    }

    /// What this instance keeps, for all followers.
    pub fn store(&self) -> Namespace {
        Namespace::of_plugin(Arc::clone(&self.parts.store), self.link())
    }

    /// What this instance keeps about a follower of an account, by key.
    pub fn follower_store(&self, account: &str, openid: &str) -> Namespace {
        Namespace::of_session(Arc::clone(&self.parts.store), self.link(), account, openid)
    }

    /// What this instance is to do once, at a time.
    pub fn jobs(&self) -> Jobs {
        let InstanceParts { store, job_signal, .. } = &*self.parts;
        Jobs::new(Arc::clone(store), self.link(), job_signal.clone())
    }

    /// Runs something beside the messages. It ends with the instance, at its next `await`; a panic
    /// in it is logged, and harms nobody else. What blocks a thread belongs into
    /// `tokio::task::spawn_blocking`. Once the instance has ended, nothing is begun.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = self.tasks.upgrade() {
            tasks.spawn("task", task);
        }
    }

    fn account(&self, id: &str) -> Option<&AccountHandle> {
        self.parts.accounts.iter().find(|account| *account.id == *id)
    }
}
