//! What a bot is made of, and how it is put together.

use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot_sdk::api::Api;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::job::JobSignal;
use wxbot_sdk::store::Store;

use crate::account::Account;
use crate::account_runtime::AccountRuntime;
use crate::chain::Chain;
use crate::dialogs::DialogStore;
use crate::engine::Engine;
use crate::journal::Journal;
use crate::late::sender::Sender;
use crate::limits::Limits;
use crate::log_throttle::sum_up;
use crate::metrics::Metrics;
use crate::once::instances::Instances;
use crate::once::order::Order;
use crate::refusal_log::RefusalLog;
use crate::shutdown::Shutdown;

/// What a bot is made of.
pub struct Parts {
    /// Each with its API, where it has what that takes.
    pub accounts: Vec<(Account, Option<Arc<dyn Api>>)>,
    /// The links in order.
    pub chain: Chain,
    /// What must outlive a message.
    pub store: Arc<dyn Store>,
    /// A runtime of several threads apart from the one that serves: what plugins wait for, they
    /// wait for there.
    pub tasks: Handle,
    /// What time it is.
    pub clock: Clock,
    /// How much is remembered and may wait.
    pub limits: Limits,
}

/// The parts, put together.
pub(super) struct Assembled {
    pub(super) accounts: Vec<Arc<AccountRuntime>>,
    pub(super) engine: Arc<Engine>,
    pub(super) metrics: Arc<Metrics>,
}

impl Parts {
    pub(super) fn assemble(self) -> Assembled {
        let accounts = self.accounts.into_iter().enumerate().map(|(place, (account, api))| {
            let (store, clock, limits) = (&self.store, self.clock, self.limits);
            AccountRuntime::new(place, account, api, store, clock, limits, &self.tasks)
        });
        let accounts: Vec<_> = accounts.map(Arc::new).collect();
        let ids = accounts.iter().map(|account| &**account.id());
        let links = self.chain.links().map(|link| (link.id(), link.plugin()));
        let metrics = Arc::new(Metrics::new(ids, links));
        let journal = journal(&accounts, &metrics, &self.tasks);
        let instance = hex::encode(rand::random::<[u8; 8]>());
        let engine = Arc::new(Engine {
            chain: self.chain,
            dialogs: DialogStore::new(&self.store),
            order: Arc::new(Order::new(self.limits.waiting, self.limits.running)),
            instances: Instances::new(&self.store, &instance),
            late: Sender::new(&self.store, &journal, self.clock),
            shutdown: Shutdown::default(),
            job_signal: JobSignal::default(),
            store: self.store,
            tasks: self.tasks,
            journal,
            clock: self.clock,
            instance,
        });
        engine.tasks.spawn(sum_up(Arc::downgrade(&engine)));
        Assembled { accounts, engine, metrics }
    }
}

/// What happens is counted, and refusals are logged.
fn journal(
    accounts: &[Arc<AccountRuntime>],
    metrics: &Arc<Metrics>,
    tasks: &Handle,
) -> Arc<Journal> {
    let journal = Arc::new(Journal::default());
    journal.observe(Arc::clone(metrics) as _);
    let refusals = RefusalLog::new(accounts.iter().map(|account| Arc::clone(account.id())));
    tasks.spawn(sum_up(Arc::downgrade(&refusals)));
    journal.observe(refusals);
    journal
}
