//! Something that is sent to many, by the clock.

use serde::{Deserialize, Serialize};
use wxbot_sdk::job::{Job, JobContext, MAX_ATTEMPTS};
use wxbot_sdk::matcher::Audiences;
use wxbot_sdk::prelude::{BuildError, HandlerError};
use wxbot_sdk::schedule::Schedule;
use wxbot_sdk::sending::NotSent;
use wxbot_sdk::template::{Addressee, Template};

use crate::config::{EntryConfig, Send};
use crate::texts::Unprompted;

/// WeChat takes one after the other.
const MOST_FOLLOWERS: usize = 1000;

/// An entry that is ready to be sent.
pub(crate) struct Entry {
    pub(crate) schedule: Schedule,
    /// By default the first one.
    account: Option<String>,
    to: Vec<String>,
    text: Template<Unprompted>,
}

/// How far it is.
#[derive(Default, Serialize, Deserialize)]
struct Progress {
    /// So many followers had their turn.
    done: usize,
    unreachable: usize,
}

/// Makes all of them ready.
pub(crate) fn all(
    entries: Vec<EntryConfig>,
    audiences: &Audiences,
) -> Result<Vec<Entry>, BuildError> {
    let mut ready: Vec<Entry> = Vec::with_capacity(entries.len());
    for (place, config) in entries.into_iter().enumerate() {
        let name = config.name.clone().unwrap_or_else(|| (place + 1).to_string());
        if ready.iter().any(|entry| entry.schedule.name == name) {
            return Err(format!("two entries are called `{name}`").into());
        }
        ready.push(entry(name, config, audiences)?);
    }
    Ok(ready)
}

fn entry(name: String, config: EntryConfig, audiences: &Audiences) -> Result<Entry, BuildError> {
    let EntryConfig { cron, zone, missed, send, .. } = config;
    let to = followers(&name, &send, audiences)?;
    if send.text.as_str().trim().is_empty() {
        return Err(format!("entry `{name}` has no `text`").into());
    }
    let schedule = Schedule { name, cron, zone, missed };
    Ok(Entry { schedule, account: send.account, to, text: send.text })
}

/// Each once, in the same order each time.
fn followers(name: &str, send: &Send, audiences: &Audiences) -> Result<Vec<String>, BuildError> {
    let mut to = send.to.clone();
    for audience in send.audience.iter().flat_map(|names| &names.0) {
        let found = audiences.named(std::slice::from_ref(audience))?;
        for one in found {
            let openids = one.openids().ok_or_else(|| {
                format!("entry `{name}`: `[audience.{audience}]` has patterns, so who they are is not known")
            })?;
            to.extend(openids.cloned());
        }
    }
    to.sort_unstable();
    to.dedup();
    match to.len() {
        0 => Err(format!("entry `{name}` is sent to nobody: it needs `to` or `audience`").into()),
        count if count > MOST_FOLLOWERS => Err(format!(
            "entry `{name}` is sent to {count} followers; the most are {MOST_FOLLOWERS}"
        )
        .into()),
        _ => Ok(to),
    }
}

impl Entry {
    /// Sends it to each follower whose turn it was not yet. While WeChat can't be reached, the job is
    /// tried again from there.
    pub(crate) async fn send(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        let account = self.account.as_deref().or_else(|| ctx.instance().accounts().next());
        let account = account.ok_or("there is no account")?.to_owned();
        let mut progress = job.checkpoint::<Progress>()?.unwrap_or_default();
        let mut why = None;
        while let Some(openid) = self.to.get(progress.done) {
            let now = ctx.instance().unix_now();
            let text = self.text.render_to(Addressee { account: &account, openid, now }, &[])?;
            match ctx.send_to(&account, openid, text).await {
                Ok(_) => ctx.count("sent"),
                Err(error) if error.outcome == NotSent::TryLater && job.attempt < MAX_ATTEMPTS => {
                    return Err(error.into());
                }
                Err(error) => {
                    ctx.count("unreachable");
                    progress.unreachable += 1;
                    why = Some(error);
                }
            }
            progress.done += 1;
            ctx.checkpoint(&progress).await?;
        }
        self.sum_up(&progress, why.map(|error| error.to_string()));
        Ok(())
    }

    fn sum_up(&self, progress: &Progress, why: Option<String>) {
        let (entry, unreachable) = (&*self.schedule.name, progress.unreachable);
        let sent = progress.done - unreachable;
        match unreachable {
            0 => tracing::info!(entry, sent, "sent at its time"),
            _ => tracing::warn!(entry, sent, unreachable, why, "sent at its time, but not to all"),
        }
    }
}
