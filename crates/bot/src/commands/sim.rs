//! `wxbot sim`: WeChat, beside a bot on this machine.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context, Error};
use secrecy::ExposeSecret;
use wxbot_sim::{Account, Clock, HttpEndpoint, Options, SimServer, WeChat};

use super::account::find;
use super::input::{WrongInput, config};
use super::say::at;
use super::stop::stop_signal;
use crate::cli::{Cli, Sim};
use crate::rehearsal::Console;

pub(crate) fn sim(cli: &Cli, sim: &Sim) -> Result<(), Error> {
    if !sim.listen.ip().is_loopback() {
        let wrong = format!("others can reach `{}`: whoever does controls it", sim.listen);
        return Err(WrongInput(wrong).into());
    }
    let (account, target) = bot(cli, sim)?;
    let listen = || format!("can't listen on {}", sim.listen);
    let listener = TcpListener::bind(sim.listen).with_context(listen)?;
    let stop = stop_signal("stopping")?;
    wxbot_server::block_on(async {
        let wechat = wechat(sim, account, &target)?;
        let server = SimServer::with_control(listener, wechat).with_context(listen)?;
        tracing::info!(address = %server.address(), bot = target, "ready");
        server.run_until(stop).await.context("the server failed")
    })?;
    tracing::info!("stopped");
    Ok(())
}

fn wechat(sim: &Sim, account: Account, target: &str) -> Result<WeChat, Error> {
    let options = Options { seed: sim.seed, repeats: sim.repeats, ..Options::default() };
    let wechat = WeChat::with(account, Clock::real(), options);
    let wechat = wechat.map_err(|error| WrongInput(format!("{:#}", Error::from(error))))?;
    wechat.connect(Arc::new(HttpEndpoint::new(target)?));
    Ok(wechat)
}

/// The account on WeChat's side, and where the bot is: what the command line says, then what the
/// configuration says of its first account, then what is made up.
fn bot(cli: &Cli, sim: &Sim) -> Result<(Account, String), Error> {
    let config = config(cli)?;
    let settings = find(&config, None)?;
    let target = sim.target.clone().unwrap_or_else(|| at(&config, settings));
    let console =
        Console { kind: sim.account, format: sim.format, mode: sim.mode, ..Console::default() };
    let known = console.mirror(settings);
    let key = settings.encoding_aes_key.as_ref().map(|key| key.expose_secret().to_owned());
    let or = |said: &Option<String>, known: String| said.clone().unwrap_or(known);
    let account = Account {
        token: or(&sim.token, known.token),
        app_id: or(&sim.app_id, known.app_id),
        app_secret: or(&sim.app_secret, known.app_secret),
        // Without one nothing can be sealed, which the simulation says.
        encoding_aes_key: or(&sim.encoding_aes_key, key.unwrap_or_default()),
        original_id: or(&sim.original_id, known.original_id),
        ..known
    };
    Ok((account, target))
}
