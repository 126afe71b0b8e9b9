//! `wxbot run`: serves until it is told to stop, then answers what is open.

use anyhow::{Context, Error};
use wxbot_server::Server;

use super::config;
use super::stop::{log_hangups, stop_signal};
use crate::assembly::Assembly;
use crate::cli::Cli;
use crate::telemetry;

pub(crate) fn run(cli: &Cli) -> Result<(), Error> {
    let (source, config) = config(cli)?;
    tracing::info!(config = source.name, version = env!("CARGO_PKG_VERSION"), "starting");
    let (server, console) = (config.server.clone(), config.console.clone());
    let assembly = Assembly::new(config)?;
    telemetry::count_losses(assembly.bot.metrics());
    for door in assembly.bot.doors() {
        let account = door.account();
        let (id, path, mode) = (&account.id, &account.path, account.mode.as_str());
        tracing::info!(account = id, path, mode, "serving an account");
    }
    for link in assembly.bot.chain().links() {
        tracing::info!(link = link.id(), plugin = link.plugin(), "in the chain");
    }
    // Before anybody is told that it is ready: until now a signal would end it at once.
    let stop = stop_signal("stopping: answering what is open")?;
    wxbot_server::block_on(async {
        log_hangups()?;
        let places = format!("{} and {}", server.listen, console.listen);
        let server = Server::bind(assembly.bot.clone(), &server, &console)
            .with_context(|| format!("can't listen on {places}"))?;
        tracing::info!(endpoint = %server.endpoint(), console = %server.operator(), "ready");
        server.run_until(stop).await.context("the server failed")
    })?;
    tracing::info!("stopped");
    Ok(())
}
