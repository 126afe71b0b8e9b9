//! `wxbot jobs`: what plugins are to do at a time. Asks the running bot, or, when none runs, looks
//! into the store.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::{Error, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wxbot_core::jobs::intervention::{self, Intervention};
use wxbot_core::jobs::listing::{self, Listed, State};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::schedule::Zone;

use super::console;
use super::input::{WrongInput, config};
use super::outbox::directly;
use super::output::print;
use crate::cli::{Cli, Jobs};
use crate::config::Config;

/// Entries read per page.
const PAGE: usize = 1000;

pub(crate) fn jobs(cli: &Cli, what: Option<Jobs>) -> Result<(), Error> {
    let config = config(cli)?;
    match what.unwrap_or(Jobs::List { link: None, json: false }) {
        Jobs::List { link, json } => {
            let listed = list(&config, link.as_deref())?;
            print(&match json {
                true => serde_json::to_string_pretty(&listed)? + "\n",
                false => table(&listed, Clock::system().millis()),
            })
        }
        Jobs::Cancel { link, id } => change(&config, Change::Cancel, &link, &id),
        Jobs::Retry { link, id } => change(&config, Change::Retry, &link, &id),
    }
}

/// What is to be done, the next due first, then the dead letters; each once, though it may move
/// from page to page meanwhile.
fn list(config: &Config, link: Option<&str>) -> Result<Vec<Listed>, Error> {
    let mut found = HashMap::new();
    let mut add = |listed: Vec<Listed>| {
        found.extend(listed.into_iter().map(|one| ((one.link.clone(), one.id.clone()), one)));
    };
    let path = match link {
        Some(link) => format!("/jobs?link={}&", encoded(link)),
        None => "/jobs?".to_owned(),
    };
    if !console::each_page(&config.console, &path, &mut add)? {
        let links: Vec<_> = match link {
            Some(link) => vec![link],
            None => config.chain.iter().map(|link| link.id.as_str()).collect(),
        };
        directly(config, async |store| {
            let mut next = None;
            loop {
                let page = listing::page(store, &links, next, PAGE).await?;
                add(page.listed);
                next = page.next;
                if next.is_none() {
                    return Ok(());
                }
            }
        })?;
    }
    let mut listed: Vec<_> = found.into_values().collect();
    listed.sort_by(|a, b| place(a).cmp(&place(b)));
    Ok(listed)
}

fn place(job: &Listed) -> (bool, u64, &str, &str) {
    (job.state == State::DeadLetter, job.due, &job.link, &job.id)
}

/// What an operator wants of a job.
#[derive(Clone, Copy)]
enum Change {
    Cancel,
    Retry,
}

fn change(config: &Config, change: Change, link: &str, id: &str) -> Result<(), Error> {
    let what = match change {
        Change::Cancel => "cancel",
        Change::Retry => "retry",
    };
    let path = format!("/jobs/{what}?link={}&id={}", encoded(link), encoded(id));
    let done = match console::ask(&config.console, "POST", &path)? {
        Some(answer) if answer.status == 200 => Intervention::Done,
        Some(answer) if answer.status == 404 => Intervention::NotFound,
        Some(answer) if answer.status == 409 => Intervention::Busy,
        Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
        None => directly(config, async |store| {
            Ok(match change {
                Change::Cancel => intervention::cancel(store, link, id).await?,
                Change::Retry => intervention::retry(store, link, id).await?,
            })
        })?,
    };
    let kind = match change {
        Change::Cancel => "job",
        Change::Retry => "dead letter",
    };
    match done {
        Intervention::Done => Ok(()),
        Intervention::NotFound => {
            let message = format!("`{link}` has no {kind} with the id `{id}`; see `wxbot jobs`");
            Err(WrongInput(message).into())
        }
        Intervention::Busy => {
            bail!("this job, or another one of its name, is to be done already; see `wxbot jobs`")
        }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn table(listed: &[Listed], now: u64) -> String {
    if listed.is_empty() {
        return "nothing is to be done\n".into();
    }
    let mut text = format!(
        "{:12} {:12} {:16} {:>10} {:>5}  {:20} NAME\n",
        "ID", "STATE", "WHEN (+08:00)", "IN", "TRIED", "LINK"
    );
    for Listed { id, link, name, state, due, attempts, last_error, .. } in listed {
        let (when, left) = (Zone::BEIJING.minute(due / 1000), left(*due, now));
        let _ = writeln!(
            text,
            "{id:12} {state:12} {when:16} {left:>10} {attempts:>5}  {link:20} {name}"
        );
        if let Some(error) = last_error {
            let _ = writeln!(text, "{:12} {error}", "");
        }
    }
    text
}

/// `90 s`, `3 h`, or `-2 d` for what is past.
fn left(due: u64, now: u64) -> String {
    let sign = if due < now { "-" } else { "" };
    let seconds = due.abs_diff(now) / 1000;
    match seconds {
        0 => "now".to_owned(),
        1..600 => format!("{sign}{seconds} s"),
        600..7200 => format!("{sign}{} min", seconds / 60),
        7200..172_800 => format!("{sign}{} h", seconds / 3600),
        _ => format!("{sign}{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_it_is_until_then_is_short_and_no_more_exact_than_useful() {
        let now = 10_000_000_000;
        for (due, expected) in [
            (now, "now"),
            (now + 999, "now"),
            (now + 90_000, "90 s"),
            (now + 599_999, "599 s"),
            (now + 600_000, "10 min"),
            (now + 3 * 3_600_000 - 1, "2 h"),
            (now + 8 * 86_400_000, "8 d"),
            (now - 90_000, "-90 s"),
            (now - 3 * 86_400_000, "-3 d"),
        ] {
            assert_eq!(left(due, now), expected);
        }
    }
}
