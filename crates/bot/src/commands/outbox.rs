//! `wxbot outbox`: late answers. Asks the running bot, or, when none runs, looks into the store.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Error, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Builder;
use wxbot_core::late::intervention::{self, Selection};
use wxbot_core::late::listing::{self, Listed, State};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Place};

use super::console::{self, Answer};
use super::input::{WrongInput, config};
use super::output::print;
use crate::cli::{self, Cli, Outbox};
use crate::config::Config;

/// Entries read per page.
const PAGE: usize = 1000;
/// How often all pages are read at the most.
const MAX_PASSES: usize = 10;

pub(crate) fn outbox(cli: &Cli, what: Option<Outbox>) -> Result<(), Error> {
    let config = config(cli)?;
    match what.unwrap_or(Outbox::List { json: false }) {
        Outbox::List { json } => {
            let (listed, read) = list(&config);
            if read.is_ok() || !listed.is_empty() {
                print(&if json {
                    serde_json::to_string_pretty(&listed)? + "\n"
                } else {
                    table(&listed)
                })?;
            }
            read
        }
        Outbox::Retry { id: Some(id), .. } => change(&config, &id, "retry"),
        Outbox::Retry { id: None, selection } => {
            let retried = retry_selected(&config, selection)?;
            print(&format!("tried again: {retried}\n"))
        }
        Outbox::Drop { id } => change(&config, &id, "drop"),
    }
}

/// What is late, the next due first, then what waits for followers, then the dead letters; and
/// whether that is all. With a failing store it is what only the running bot has.
fn list(config: &Config) -> (Vec<Listed>, Result<(), Error>) {
    let mut found = HashMap::new();
    let read = read_all(config, &mut found);
    let mut listed: Vec<_> = found.into_values().collect();
    listed.sort_by(|a, b| place(a).cmp(&place(b)));
    (listed, read)
}

fn read_all(config: &Config, found: &mut HashMap<String, Listed>) -> Result<(), Error> {
    let is_running = each_page(config, "GET", "/outbox?", |body| {
        let page: Vec<Listed> = serde_json::from_str(body)?;
        let before = found.len();
        found.extend(page.into_iter().map(|late| (late.id.clone(), late)));
        Ok(found.len() - before)
    })?;
    if !is_running {
        directly(config, async |store| {
            let mut next = None;
            loop {
                let page = listing::page(store, next, PAGE).await?;
                found.extend(page.listed.into_iter().map(|late| (late.id.clone(), late)));
                next = page.next;
                if next.is_none() {
                    return Ok(());
                }
            }
        })?;
    }
    Ok(())
}

fn place(late: &Listed) -> (u8, u64, &str) {
    let queue = match late.state {
        State::Unwritten | State::Promised | State::Ready | State::Unreadable => 0,
        State::Waiting => 1,
        State::GivenUp => 2,
    };
    (queue, late.due, &late.id)
}

/// Has every one that is selected tried again, and says how many.
fn retry_selected(config: &Config, choice: cli::Selection) -> Result<usize, Error> {
    let selection = selection(config, choice)?;
    // One that fails again at once may be on a later page, too.
    let mut retried: HashSet<String> = HashSet::new();
    let is_running = each_page(config, "POST", &retry_path(&selection), |body| {
        let before = retried.len();
        retried.extend(serde_json::from_str::<Vec<String>>(body)?);
        Ok(retried.len() - before)
    })?;
    match is_running {
        true => Ok(retried.len()),
        false => retry_in_store(config, &selection),
    }
}

fn selection(config: &Config, choice: cli::Selection) -> Result<Selection, Error> {
    let cli::Selection { all, since, account } = choice;
    if !all && since.is_none() && account.is_none() {
        let choice = "name a late answer by its id, or say which: --all, --since, --account";
        return Err(WrongInput(choice.into()).into());
    }
    if let Some(account) = &account {
        check_account(config, account)?;
    }
    let until = Clock::system().millis();
    let since = since.map(|since| (until / 1000).saturating_sub(since.as_secs()));
    Ok(Selection { account, since, until })
}

fn retry_path(Selection { account, since, until }: &Selection) -> String {
    let mut path = format!("/outbox/retry?until={until}&");
    if let Some(since) = since {
        let _ = write!(path, "since={since}&");
    }
    if let Some(account) = account {
        let _ = write!(path, "account={}&", utf8_percent_encode(account, NON_ALPHANUMERIC));
    }
    path
}

fn retry_in_store(config: &Config, selection: &Selection) -> Result<usize, Error> {
    directly(config, async |store| {
        let retry = async |id: &str| intervention::retry(store, id, selection.until).await;
        let (mut retried, mut from) = (HashSet::new(), None);
        loop {
            let page = listing::page(store, from, PAGE).await?;
            let (ids, next) = intervention::retry_page(page, selection, retry).await?;
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

/// Asks the running bot for one page after the other; `read` says how much on it was new. What is
/// tried meanwhile moves from page to page, so several are asked for again until nothing is new.
/// Returns whether there is a bot that runs.
fn each_page(
    config: &Config,
    method: &str,
    path: &str,
    mut read: impl FnMut(&str) -> Result<usize, Error>,
) -> Result<bool, Error> {
    for pass in 0..MAX_PASSES {
        let (mut new, mut pages, mut next_path) = (0, 0, path.to_owned());
        loop {
            match console::ask(&config.console, method, &next_path)? {
                Some(Answer { status: 200, next_page, body }) => {
                    new += read(&body)?;
                    pages += 1;
                    match next_page {
                        Some(next) => next_path = format!("{path}from={next}"),
                        None => break,
                    }
                }
                Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
                None if pass + pages == 0 => return Ok(false),
                None => bail!("the running bot ended meanwhile"),
            }
        }
        if pages == 1 || new == 0 {
            break;
        }
    }
    Ok(true)
}

fn change(config: &Config, id: &str, what: &str) -> Result<(), Error> {
    let found = match console::ask(&config.console, "POST", &format!("/outbox/{id}/{what}"))? {
        Some(answer) if answer.status == 200 => true,
        Some(answer) if answer.status == 404 => false,
        Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
        None => directly(config, async |store| {
            let now = Clock::system().millis();
            Ok(match what {
                "retry" => intervention::retry(store, id, now).await?,
                _ => intervention::drop(store, id, now).await?,
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
