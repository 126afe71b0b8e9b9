//! `wxbot sessions`: dialogs that are open, and what is remembered of followers. Asks the running
//! bot, or, when none runs, looks into the store.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Error, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxbot_core::dialogs::listing::{self, Kind, Listed};
use wxbot_sdk::clock::Clock;

use super::console;
use super::input::{WrongInput, config};
use super::outbox::directly;
use super::output::print;
use crate::cli::{Cli, Sessions};
use crate::config::Config;

pub(crate) fn sessions(cli: &Cli, what: Option<Sessions>) -> Result<(), Error> {
    let config = config(cli)?;
    match what.unwrap_or(Sessions::List { openid: None, json: false }) {
        Sessions::List { openid, json } => {
            let (_, listed) = list(&config, openid.as_deref())?;
            print(&match json {
                true => serde_json::to_string_pretty(&listed)? + "\n",
                false => table(&listed),
            })
        }
        Sessions::Close { openid, link, account } => {
            let (is_running, mut listed) = list(&config, Some(&openid))?;
            listed.retain(|one| link.as_ref().is_none_or(|link| one.link == *link));
            listed.retain(|one| account.as_ref().is_none_or(|account| one.account == *account));
            let closed = close(&config, is_running, &listed)?;
            if closed == 0 {
                let nothing = format!("nothing is open with `{openid}`; see `wxbot sessions`");
                return Err(WrongInput(nothing).into());
            }
            print(&format!("ended: {closed}\n"))
        }
    }
}

/// What is open, in order, each once; and whether a bot runs that said so.
fn list(config: &Config, openid: Option<&str>) -> Result<(bool, Vec<Listed>), Error> {
    let mut found: BTreeMap<(String, String, String, Kind), Listed> = BTreeMap::new();
    let mut add = |listed: Vec<Listed>| {
        found.extend(listed.into_iter().map(|one| {
            let of = (one.account.clone(), one.openid.clone(), one.link.clone(), one.kind);
            (of, one)
        }));
    };
    let path = match openid {
        Some(openid) => format!("/sessions?openid={}&", encoded(openid)),
        None => "/sessions?".to_owned(),
    };
    let is_running = console::each_page(&config.console, &path, &mut add)?;
    if !is_running {
        directly(config, async |store| {
            let mut next = None;
            loop {
                let page = listing::page(store, openid, next, Clock::system().millis()).await?;
                add(page.listed);
                next = page.next;
                if next.is_none() {
                    return Ok(());
                }
            }
        })?;
    }
    Ok((is_running, found.into_values().collect()))
}

/// Says how many were still there.
fn close(config: &Config, is_running: bool, listed: &[Listed]) -> Result<usize, Error> {
    if listed.is_empty() {
        return Ok(0);
    }
    if is_running {
        let closed = listed.iter().map(|one| close_at_bot(config, one));
        return closed.sum();
    }
    directly(config, async |store| {
        let mut closed = 0;
        for one in listed {
            closed += usize::from(listing::close(store, one, Clock::system().millis()).await?);
        }
        Ok(closed)
    })
}

fn close_at_bot(config: &Config, listed: &Listed) -> Result<usize, Error> {
    let Listed { kind, account, openid, link, .. } = listed;
    let (account, openid, link) = (encoded(account), encoded(openid), encoded(link));
    let path =
        format!("/sessions/close?kind={kind}&account={account}&openid={openid}&link={link}&left=0");
    match console::ask(&config.console, "POST", &path)? {
        Some(answer) if answer.status == 200 => Ok(1),
        Some(answer) if answer.status == 404 => Ok(0),
        Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
        None => bail!("the running bot ended meanwhile"),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn table(listed: &[Listed]) -> String {
    if listed.is_empty() {
        return "nothing is open\n".into();
    }
    let mut text =
        format!("{:8} {:12} {:16} {:>10}  FOLLOWER\n", "KIND", "ACCOUNT", "LINK", "LASTS");
    for Listed { kind, account, openid, link, left } in listed {
        let _ = writeln!(text, "{kind:8} {account:12} {link:16} {left:>8} s  {openid}");
    }
    text
}
