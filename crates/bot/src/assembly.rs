//! From a configuration to a bot that is ready to answer.

use std::io;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use wxbot_core::chain::Chain;
use wxbot_core::metrics::Metrics;
use wxbot_core::road::Bot;

use crate::config::Config;

/// A bot, and the runtime on which its plugins wait.
pub struct Assembly {
    /// Answers messages.
    pub bot: Arc<Bot>,
    plugins: Option<Runtime>,
}

impl Assembly {
    /// Puts together what the configuration built; returns the rest of it too.
    pub fn new(config: Config) -> io::Result<Self> {
        let Config { store, accounts, chain, .. } = config;
        let plugins = runtime_for(chain.len())?;
        let metrics = Arc::new(Metrics::default());
        let tasks = plugins.handle().clone();
        let chain = Chain::new(chain, &tasks, &metrics);
        let bot = Arc::new(Bot::new(accounts, chain, store, tasks, metrics));
        Ok(Self { bot, plugins: Some(plugins) })
    }
}

impl Drop for Assembly {
    /// Work that nobody waits for any more is given a moment; a thread that hangs is left behind.
    fn drop(&mut self) {
        if let Some(plugins) = self.plugins.take() {
            plugins.shutdown_timeout(Duration::from_millis(500));
        }
    }
}

/// Room for every link to block as many threads as it may, and for the runtime's own.
fn runtime_for(links: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(available_parallelism().map_or(2, usize::from).max(2))
        .max_blocking_threads(512 + links * wxbot_core::chain::MOST_BLOCKED)
        .thread_name("wxbot-plugins")
        .enable_all()
        .build()
}
