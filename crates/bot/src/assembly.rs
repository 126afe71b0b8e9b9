//! From a configuration to a bot that is ready to answer.

use std::io;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use wxbot_client::Client;
use wxbot_core::account::Account;
use wxbot_core::bot::{Bot, Parts};
use wxbot_core::chain::Chain;
use wxbot_sdk::api::Api;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::OpenError;

use crate::config::{ClientConfig, Components};

/// A bot, and the runtime on which its plugins wait.
pub struct Assembly {
    /// Answers messages.
    pub bot: Arc<Bot>,
    _plugins: PluginRuntime,
}

impl Assembly {
    /// Opens the store and puts a bot together, with a runtime for its plugins.
    pub fn new(components: Components) -> Result<Self, AssemblyError> {
        let store = components.config.store.open(&wxbot_store::Limits::default())?;
        let links = components.chain.len();
        let plugins = PluginRuntime::start(links).map_err(AssemblyError::Threads)?;
        let bot = bot(components, store, plugins.handle(), Clock::system());
        Ok(Self { bot, _plugins: plugins })
    }
}

/// Why a good configuration did not become a bot.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The system gave no threads.
    #[error("the threads for plugins can't be started")]
    Threads(#[source] io::Error),
}

/// Puts a bot together on this store, whose plugins wait on this runtime.
pub fn bot(
    components: Components,
    store: Arc<dyn Store>,
    tasks: &Handle,
    clock: Clock,
) -> Arc<Bot> {
    let Components { config, accounts, clients, chain } = components;
    let limits = config.limits.limits();
    let chain = Chain::new(chain, tasks);
    let api = |account: &Account| -> Option<Arc<dyn Api>> {
        let ClientConfig { settings, transport } = clients.get(&account.id)?;
        let (store, transport) = (Arc::clone(&store), Arc::clone(transport));
        Some(Arc::new(Client::new(settings, store, clock, transport)))
    };
    let accounts = accounts.into_iter().map(|account| {
        let api = api(&account);
        (account, api)
    });
    let accounts = accounts.collect();
    Bot::start(Parts { accounts, chain, store, tasks: tasks.clone(), clock, limits })
}

/// The threads on which plugins wait. It is dropped outside of any runtime.
pub struct PluginRuntime {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl PluginRuntime {
    /// Room for every link to block as many threads as it may, and for the runtime's own.
    pub fn start(links: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(available_parallelism().map_or(2, usize::from).max(2))
            .max_blocking_threads(512 + links * wxbot_core::chain::MAX_BLOCKED)
            .thread_name("wxbot-plugins")
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Where to spawn.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for PluginRuntime {
    /// Work that nobody waits for any more is given a moment; a thread that hangs is left behind.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_millis(500));
        }
    }
}
