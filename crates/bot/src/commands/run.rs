//! `wxbot run`: serves until it is told to stop, then answers what is open.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Error};
use wxbot_core::bot::Bot;
use wxbot_server::Server;

use super::input::components;
use super::stop::{log_hangups, stop_signal};
use crate::assembly::Assembly;
use crate::cli::Cli;
use crate::{clock_watch, telemetry};

pub(crate) fn run(cli: &Cli) -> Result<(), Error> {
    let components = components(cli)?;
    let config = &components.config;
    let (version, store) = (env!("CARGO_PKG_VERSION"), &*config.store);
    tracing::info!(version, config = config.name(), %store, "starting");
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let (server, console) = (config.server.clone(), config.console.clone());
    let assembly = Assembly::new(components)?;
    telemetry::count_losses(assembly.bot.metrics());
    // Before anybody is told that it is ready: until now a signal would end it at once.
    let stop = stop_signal("stopping: answering what is open")?;
    wxbot_server::block_on(async {
        log_hangups()?;
        let server = Server::bind(assembly.bot.clone(), &server, &console)?;
        log_what_is_served(&assembly.bot, server.endpoint());
        tracing::info!(endpoint = %server.endpoint(), console = %server.operator(), "ready");
        assembly.bot.start_plugins();
        tokio::spawn(clock_watch::log_jumps(Arc::clone(&assembly.bot)));
        let served = server.run_until(stop).await.context("the server failed");
        assembly.bot.finish_shutdown().await;
        served
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// What is served where, and who is asked in which order.
fn log_what_is_served(bot: &Bot, endpoint: SocketAddr) {
    for door in bot.accounts() {
        let account = door.account();
        let (id, mode) = (&account.id, account.mode.as_str());
        let url = format!("http://{endpoint}{}", account.path);
        tracing::info!(account = id, mode, url, "serving an account");
    }
    for link in bot.chain().links() {
        tracing::info!(link = link.id(), plugin = link.plugin(), "in the chain");
    }
}
