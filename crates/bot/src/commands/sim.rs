//! `wxbot sim`: WeChat, beside a bot on this machine.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context, Error};
use wxbot_sim::{Account, Clock, HttpEndpoint, Options, SimServer, WeChat};

use super::input::WrongInput;
use super::stop::stop_signal;
use crate::cli::Sim;

pub(crate) fn sim(sim: &Sim) -> Result<(), Error> {
    if !sim.listen.ip().is_loopback() {
        let wrong = format!("others can reach `{}`: whoever does controls it", sim.listen);
        return Err(WrongInput(wrong).into());
    }
    let listen = || format!("can't listen on {}", sim.listen);
    let listener = TcpListener::bind(sim.listen).with_context(listen)?;
    let stop = stop_signal("stopping")?;
    wxbot_server::block_on(async {
        let wechat = wechat(sim)?;
        let server = SimServer::with_control(listener, wechat).with_context(listen)?;
        tracing::info!(address = %server.address(), bot = sim.target, "ready");
        server.run_until(stop).await.context("the server failed")
    })?;
    tracing::info!("stopped");
    Ok(())
}

fn wechat(sim: &Sim) -> Result<WeChat, Error> {
    let options = Options { seed: sim.seed, repeats: sim.repeats, ..Options::default() };
    let wechat = WeChat::with(account(sim), Clock::real(), options);
    let wechat = wechat.map_err(|error| WrongInput(format!("{:#}", Error::from(error))))?;
    wechat.connect(Arc::new(HttpEndpoint::new(&*sim.target)?));
    Ok(wechat)
}

/// What is not said is made up.
fn account(sim: &Sim) -> Account {
    let made_up = Account::default();
    let or = |said: &Option<String>, made_up: String| said.clone().unwrap_or(made_up);
    Account {
        kind: sim.account,
        token: sim.token.clone(),
        app_id: or(&sim.app_id, made_up.app_id),
        app_secret: or(&sim.app_secret, made_up.app_secret),
        mode: sim.mode,
        // Without one nothing can be sealed, which the simulation says.
        encoding_aes_key: sim.encoding_aes_key.clone().unwrap_or_default(),
        format: sim.format,
        original_id: or(&sim.original_id, made_up.original_id),
    }
}
