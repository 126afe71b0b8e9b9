//! Something that is sent to many, by the clock.

use serde::{Deserialize, Serialize};
use wxbot_sdk::job::{Job, JobContext, MAX_ATTEMPTS};
use wxbot_sdk::matcher::Audiences;
use wxbot_sdk::prelude::{BuildEnv, BuildError, HandlerError};
use wxbot_sdk::schedule::Schedule;
use wxbot_sdk::settings::nearest;
use wxbot_sdk::template::{Addressee, Template};

use crate::config::{EntryConfig, Send};
use crate::texts::Unprompted;

/// WeChat takes one after the other.
const MOST_FOLLOWERS: usize = 1000;
/// A follower who wrote may be sent five messages, of 1960 bytes each where a text is split.
const MAX_TEXT: usize = 5 * 1960;

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
#[serde(default)]
struct Progress {
    /// Who had their turn last. The list is in order, and may be another one by now.
    last: Option<String>,
    /// So many followers had their turn.
    done: usize,
    unreachable: usize,
}

/// Makes all of them ready.
pub(crate) fn all(entries: Vec<EntryConfig>, env: &BuildEnv) -> Result<Vec<Entry>, BuildError> {
    let mut ready: Vec<Entry> = Vec::with_capacity(entries.len());
    for (place, config) in entries.into_iter().enumerate() {
        let name = config.name.clone().unwrap_or_else(|| (place + 1).to_string());
        if ready.iter().any(|entry| entry.schedule.name == name) {
            return Err(format!("two entries are called `{name}`").into());
        }
        let entry = entry(name, config, &env.audiences)?;
        entry.check_account(&env.accounts)?;
        ready.push(entry);
    }
    Ok(ready)
}

fn entry(name: String, config: EntryConfig, audiences: &Audiences) -> Result<Entry, BuildError> {
    let EntryConfig { cron, zone, missed, send, .. } = config;
    let to = followers(&name, &send, audiences)?;
    if send.text.as_str().trim().is_empty() {
        return Err(format!("entry `{name}` has no `text`").into());
    }
    let bytes = send.text.as_str().len();
    if bytes > MAX_TEXT {
        return Err(format!(
            "the `text` of entry `{name}` has {bytes} bytes; the most is {MAX_TEXT}, as a follower \
             is sent five messages at most"
        )
        .into());
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
                format!("entry `{name}`: `[audience.{audience}]` has patterns or tags, so who they are is not known")
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
    /// Whether the account is one of these.
    fn check_account(&self, accounts: &[String]) -> Result<(), BuildError> {
        match &self.account {
            Some(named) if !accounts.contains(named) => {
                let name = &self.schedule.name;
                let near = nearest(named, accounts.iter().map(String::as_str));
                let meant = near.map(|near| format!("; did you mean `{near}`?"));
                let meant = meant.unwrap_or_default();
                Err(format!("entry `{name}`: no account has the id `{named}`{meant}").into())
            }
            _ => Ok(()),
        }
    }

    /// Sends it to each follower whose turn it was not yet. While WeChat can't be reached, the job is
    /// tried again from there.
    pub(crate) async fn send(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        let account = self.account.as_deref().or_else(|| ctx.instance().accounts().next());
        let account = account.ok_or("there is no account")?.to_owned();
        let mut progress = job.checkpoint::<Progress>()?.unwrap_or_default();
        let mut why = None;
        for openid in self.after(progress.last.as_deref()) {
            let now = ctx.instance().unix_now();
            let text = self.text.render_to(Addressee { account: &account, openid, now }, &[])?;
            match ctx.send_to(&account, openid, text).await {
                Ok(_) => ctx.count("sent"),
                Err(error) if error.may_be_repeated() && job.attempt < MAX_ATTEMPTS => {
                    return Err(error.into());
                }
                Err(error) => {
                    ctx.count("unreachable");
                    progress.unreachable += 1;
                    why = Some(error);
                }
            }
            progress.done += 1;
            progress.last = Some(openid.clone());
            ctx.checkpoint(&progress).await?;
        }
        self.sum_up(&progress, why.map(|error| error.to_string()));
        Ok(())
    }

    /// The followers behind this one.
    fn after(&self, last: Option<&str>) -> &[String] {
        let begin = self.to.partition_point(|openid| Some(&**openid) <= last);
        &self.to[begin..]
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

#[cfg(test)]
mod tests {
    use wxbot_sdk::schedule::{Missed, Zone};

    use super::*;

    #[test]
    fn an_account_that_is_not_there_is_named() {
        let cron = "0 9 * * *".parse().unwrap();
        let schedule =
            Schedule { name: "weekly".into(), cron, zone: Zone::BEIJING, missed: Missed::Skip };
        let account = Some("shop".to_owned());
        let entry = Entry { schedule, account, to: vec![], text: Template::default() };
        assert!(entry.check_account(&["main".into(), "shop".into()]).is_ok());
        let error = entry.check_account(&["main".into()]).unwrap_err();
        assert_eq!(error.to_string(), "entry `weekly`: no account has the id `shop`");
    }
}
