//! `wxbot run`: serves until it is told to stop, then answers what is open.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Error};
use wxbot_server::Server;

use super::input::components;
use super::stop::stop_signal;
use crate::assembly::Assembly;
use crate::cli::Cli;

pub(crate) fn run(cli: &Cli) -> Result<(), Error> {
    let components = components(cli)?;
    let config = &components.config;
    tracing::info!(config = config.name(), version = env!("CARGO_PKG_VERSION"), "starting");
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let (server, console) = (config.server.clone(), config.console.clone());
    let assembly = Assembly::new(components)?;
    for door in assembly.bot.doors() {
        let account = door.account();
        let (id, path, mode) = (&account.id, &account.path, account.mode.as_str());
        tracing::info!(account = id, path, mode, "serving an account");
    }
    for link in assembly.bot.chain().links() {
        tracing::info!(link = link.id(), plugin = link.plugin(), "in the chain");
    }
    wxbot_server::block_on(async {
        // Before anybody is told that it is ready: until now a signal would end it at once.
        let stop = stop_signal("stopping: answering what is open")?;
        let server = Server::bind(assembly.bot.clone(), &server, &console)
            .with_context(|| cannot_listen(server.listen, console.listen))?;
        tracing::info!(endpoint = %server.endpoint(), console = %server.operator(), "ready");
        server.run_until(stop).await.context("the server failed")
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// Names the one of the two addresses that can't be had: both were given back.
fn cannot_listen(server: SocketAddr, console: SocketAddr) -> String {
    let (section, address) = match TcpListener::bind(server) {
        Err(_) => ("server", server),
        Ok(_) => ("console", console),
    };
    format!("can't listen on {address} (`[{section}] listen`)")
}
