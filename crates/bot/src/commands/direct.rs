//! Looks into the store, where no bot runs that could be asked.

use anyhow::{Error, bail};
use tokio::runtime::Builder;
use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Place};

use crate::config::Config;

/// Without a bot that runs.
pub(super) fn directly<T>(
    config: &Config,
    work: impl AsyncFnOnce(&dyn Store) -> Result<T, Error>,
) -> Result<T, Error> {
    if *config.store == Place::Memory {
        let console = config.console.listen;
        bail!("no bot runs here (nothing listens on {console}), and `memory:` keeps nothing");
    }
    let store = config.store.open(&Limits::default())?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(&*store))
}
