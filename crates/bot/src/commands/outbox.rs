//! `wxbot outbox`: late answers. Asks the running bot, or, when none runs, looks into the store.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Error, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Builder;
use wxbot_core::late::listing::{self, Listed};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Place};

use super::console::{self, Answer};
use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::{self, Cli, Outbox};
use crate::config::Config;

/// So many are read at once.
const PAGE: usize = 1000;
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
        Outbox::Retry { id: Some(id), .. } => change(&config, &id, "retry"),
        Outbox::Retry { id: None, selection } => {
            let retried = retry_selected(&config, selection)?;
            print(&format!("tried again: {retried}\n"))
        }
        Outbox::Drop { id } => change(&config, &id, "drop"),
    }
}

fn list(config: &Config) -> Result<Vec<Listed>, Error> {
    let mut listed: Vec<Listed> = Vec::new();
    let is_running = each_page(config, "GET", "/outbox?", |body| {
        listed.append(&mut serde_json::from_str(body)?);
        Ok(())
    })?;
    if is_running {
        return Ok(without_repeats(listed));
    }
    directly(config, async |store| {
        let mut next = None;
        loop {
            let page = listing::page(store, next, PAGE).await?;
            listed.extend(page.listed);
            next = page.next;
            if next.is_none() {
                return Ok(listed);
            }
        }
    })
}

/// What is tried while pages are read moves to a later one: there it is as it stands now.
fn without_repeats(mut listed: Vec<Listed>) -> Vec<Listed> {
    let mut seen = HashSet::new();
    listed.reverse();
    listed.retain(|late| seen.insert(late.id.clone()));
    listed.reverse();
    listed
}

/// Has every one that is selected tried again, and says how many.
fn retry_selected(config: &Config, selection: cli::Selection) -> Result<usize, Error> {
    let cli::Selection { all, since, account } = selection;
    if !all && since.is_none() && account.is_none() {
        let choice = "name a late answer by its id, or say which: --all, --since, --account";
        return Err(WrongInput(choice.into()).into());
    }
    if let Some(account) = &account {
        check_account(config, account)?;
    }
    let now = Clock::system().millis();
    let since = since.map(|since| (now / 1000).saturating_sub(since.as_secs()));
    // One that fails again at once may be on a later page, too.
    let mut retried: HashSet<String> = HashSet::new();
    let mut path = format!("/outbox/retry?until={now}&");
    if let Some(since) = since {
        let _ = write!(path, "since={since}&");
    }
    if let Some(account) = &account {
        let _ = write!(path, "account={}&", utf8_percent_encode(account, NON_ALPHANUMERIC));
    }
    let is_running = each_page(config, "POST", &path, |body| {
        retried.extend(serde_json::from_str::<Vec<String>>(body)?);
        Ok(())
    })?;
    if is_running {
        return Ok(retried.len());
    }
    let selection = listing::Selection { account, since, until: now };
    directly(config, async |store| {
        let retry = async |id: &str| listing::retry(store, id, now, now + RETRIED_FOR).await;
        let mut from = None;
        loop {
            let (ids, next) = listing::retry_page(store, &selection, from, PAGE, retry).await?;
            retried.extend(ids);
            from = next;
            if from.is_none() {
                return Ok(retried.len());
            }
        }
    })
}

fn check_account(config: &Config, account: &str) -> Result<(), Error> {
    let known: Vec<&str> = config.accounts.iter().map(|known| known.id.as_str()).collect();
    if known.contains(&account) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(WrongInput(format!("no account has the id `{account}`; there are: {known}")).into())
}

/// Asks the running bot for one page after the other. Says whether there is one that runs.
fn each_page(
    config: &Config,
    method: &str,
    path: &str,
    mut read: impl FnMut(&str) -> Result<(), Error>,
) -> Result<bool, Error> {
    let mut next_path = path.to_owned();
    loop {
        match console::ask(&config.console, method, &next_path)? {
            Some(Answer { status: 200, next_page, body }) => {
                read(&body)?;
                match next_page {
                    Some(next) => next_path = format!("{path}from={next}"),
                    None => return Ok(true),
                }
            }
            Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
            None if next_path == path => return Ok(false),
            None => bail!("the running bot ended meanwhile"),
        }
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

fn table(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return "nothing is late\n".into();
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut text = format!(
        "{:10} {:12} {:12} {:>5} {:>5} {:>8}  ID\n",
        "STATE", "ACCOUNT", "FOLLOWER", "PARTS", "TRIED", "DUE"
    );
    for Listed { id, account, openid, state, parts, attempts, due, last_error, .. } in listed {
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
