//! `wxbot outbox`: late answers. Asks the running bot, or, when none runs, looks into the store.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Error, bail};
use tokio::runtime::Builder;
use wxbot_core::late::listing::{self, Listed};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Place};

use super::console;
use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::{Cli, Outbox};
use crate::config::Config;

/// So many of each kind are listed.
const MOST: usize = 1000;
/// What is tried again has so long, in milliseconds.
const RETRIED_FOR: u64 = 24 * 3600 * 1000;

pub(crate) fn outbox(cli: &Cli, what: Option<Outbox>) -> Result<(), Error> {
    let config = config(cli)?;
    match what.unwrap_or(Outbox::List { json: false }) {
        Outbox::List { json } => {
            let listed = list(&config)?;
            print(&if json {
                serde_json::to_string_pretty(&listed)? + "\n"
            } else {
                table(&listed)
            })
        }
        Outbox::Retry { id } => change(&config, &id, "retry"),
        Outbox::Drop { id } => change(&config, &id, "drop"),
    }
}

fn list(config: &Config) -> Result<Vec<Listed>, Error> {
    match console::ask(&config.console, "GET", "/outbox")? {
        Some(answer) if answer.status == 200 => Ok(serde_json::from_str(&answer.body)?),
        Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
        None => directly(config, async |store| Ok(listing::list(store, MOST).await?)),
    }
}

fn change(config: &Config, id: &str, what: &str) -> Result<(), Error> {
    let found = match console::ask(&config.console, "POST", &format!("/outbox/{id}/{what}"))? {
        Some(answer) if answer.status == 200 => true,
        Some(answer) if answer.status == 404 => false,
        Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
        None => directly(config, async |store| {
            let now = Clock::system().millis();
            Ok(match what {
                "retry" => listing::retry(store, id, now, now + RETRIED_FOR).await?,
                _ => listing::drop(store, id).await?,
            })
        })?,
    };
    match found {
        true => Ok(()),
        false => {
            Err(WrongInput(format!("nothing late has the id `{id}`; see `wxbot outbox`")).into())
        }
    }
}

/// Without a bot that runs.
fn directly<T>(
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

fn table(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return "nothing is late\n".into();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut text = format!(
        "{:10} {:12} {:12} {:>5} {:>5} {:>8}  ID\n",
        "STATE", "ACCOUNT", "FOLLOWER", "PARTS", "TRIED", "DUE"
    );
    for Listed { id, account, openid, state, parts, attempts, due, last_error } in listed {
        let due = Duration::from_millis(*due).saturating_sub(now).as_secs();
        let _ = writeln!(
            text,
            "{state:10} {account:12} {openid:12} {parts:>5} {attempts:>5} {due:>6} s  {id}"
        );
        if let Some(error) = last_error {
            let _ = writeln!(text, "{:10} {error}", "");
        }
    }
    text
}
