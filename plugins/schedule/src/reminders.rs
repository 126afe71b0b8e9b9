//! The reminders of one follower.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use wxbot_sdk::command::Usage;
use wxbot_sdk::job::{Job, JobContext, JobError};
use wxbot_sdk::prelude::{Context, Flow, HandlerError, Reply};
use wxbot_sdk::schedule::Zone;
use wxbot_sdk::store::{Change, Namespace, StoreError};
use wxbot_sdk::template::variables::Variables;
use wxbot_sdk::template::{Addressee, Template, Values};

use crate::command::Reminding;
use crate::config::Config;

/// What is kept of a follower.
const KEY: &str = "reminders";
/// A job is tried for less than that; what is older was lost.
const OVER: u64 = 6 * 3600;
/// Characters of a reminder.
const MAX_WHAT: usize = 200;

/// Takes reminders down, and sends them.
pub(crate) struct Reminders {
    config: Config,
}

impl Reminders {
    pub(crate) fn new(config: Config) -> Self {
        Self { config }
    }

    /// Does what a command says, and says so.
    pub(crate) async fn obey(
        &self,
        ctx: &Context,
        command: Reminding,
    ) -> Result<Reply, HandlerError> {
        let now = ctx.unix_now();
        match command {
            Reminding::Remind { when, what } => {
                let what: String = what.trim().chars().take(MAX_WHAT).collect();
                let id = id_of(ctx.message().msg_id.unwrap_or(now), ctx.text().unwrap_or_default());
                self.add(ctx, Reminder { id, due: when.unix_seconds(), what }).await
            }
            Reminding::List => self.list(ctx, &pending(ctx, now).await?),
            Reminding::Cancel { number } => {
                let pending = pending(ctx, now).await?;
                let chosen = number.checked_sub(1).and_then(|place| pending.get(place));
                let Some(reminder) = chosen else {
                    return said(&self.config.texts.no_such, ctx);
                };
                ctx.jobs().cancel(&job_name(ctx.account(), ctx.openid(), reminder.id)).await?;
                forget(&ctx.follower_store(), reminder.id, now).await?;
                let values = Values::new(ctx).with("what", &reminder.what);
                said(&self.config.texts.cancelled, values)
            }
        }
    }

    async fn add(&self, ctx: &Context, reminder: Reminder) -> Result<Reply, HandlerError> {
        let (texts, now) = (&self.config.texts, ctx.unix_now());
        if reminder.due <= now {
            return said(&texts.past, ctx);
        }
        if reminder.due - now > self.config.longest.as_secs() {
            let hours = self.config.longest.as_secs() / 3600;
            return said(&texts.too_far, Values::new(ctx).with("hours", hours));
        }
        if !ctx.can_send().await {
            return said(&texts.unable, ctx);
        }
        let full = || said(&texts.full, Values::new(ctx).with("most", self.config.most));
        let Some(reminder) = self.note(ctx, reminder).await? else { return full() };
        let (account, openid) = (ctx.account().to_owned(), ctx.openid().to_owned());
        let name = job_name(&account, &openid, reminder.id);
        let payload = Payload { account, openid, id: reminder.id };
        let time = UNIX_EPOCH + Duration::from_secs(reminder.due);
        match ctx.jobs().at(&name, time, &payload).await {
            // Or it is there, as the message is worked on once more.
            Ok(_) => {
                let time = Zone::BEIJING.written(reminder.due);
                let values = Values::new(ctx).with("time", time).with("what", &reminder.what);
                said(&texts.added, values)
            }
            Err(JobError::TooMany) => {
                forget(&ctx.follower_store(), reminder.id, now).await?;
                full()
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes it down before its job is added: what the follower is told of is on the list. `None`
    /// where there is no room; as it was first taken down where it is there already.
    async fn note(
        &self,
        ctx: &Context,
        reminder: Reminder,
    ) -> Result<Option<Reminder>, StoreError> {
        let (most, now, id) = (self.config.most, ctx.unix_now(), reminder.id);
        let store = ctx.follower_store();
        let noted = store.update(KEY, |found: Option<Vec<Reminder>>| {
            let mut all = found.unwrap_or_default();
            all.retain(|one| one.due + OVER > now);
            if all.len() >= most || all.iter().any(|one| one.id == id) {
                return Change::Keep;
            }
            all.push(reminder.clone());
            kept(all, now)
        });
        Ok(noted.await?.and_then(|all| all.into_iter().find(|one| one.id == id)))
    }

    fn list(&self, ctx: &Context, pending: &[Reminder]) -> Result<Reply, HandlerError> {
        if pending.is_empty() {
            return said(&self.config.texts.none, ctx);
        }
        let lines = pending.iter().enumerate().map(|(place, one)| {
            format!("\n{}. {} {}", place + 1, Zone::BEIJING.written(one.due), one.what)
        });
        let list = self.config.texts.list.render(ctx)?;
        Ok(Reply::text(list + &lines.collect::<String>()))
    }

    /// To 提醒我 and something that is not understood.
    pub(crate) fn misunderstood(&self, ctx: &Context, usage: Usage) -> Result<Flow, HandlerError> {
        match &self.config.texts.usage {
            None => Ok(Flow::reply(usage)),
            Some(text) if text.is_empty() => Ok(Flow::Pass),
            Some(text) => Ok(Flow::Reply(said(text, ctx)?)),
        }
    }

    /// Sends a reminder whose time has come, unless it was cancelled.
    pub(crate) async fn remind(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        let Payload { account, openid, id } = job.payload()?;
        let store = ctx.instance().follower_store(&account, &openid);
        let all: Vec<Reminder> = store.get(KEY).await?.unwrap_or_default();
        let Some(reminder) = all.into_iter().find(|one| one.id == id) else { return Ok(()) };
        let now = ctx.instance().unix_now();
        let addressee = Addressee { account: &account, openid: &openid, now };
        let text = self.config.texts.reminder.render_to(addressee, &[("what", &reminder.what)])?;
        match ctx.send_to(&account, &openid, text).await {
            Ok(_) => ctx.count("reminded"),
            Err(error) if error.may_be_repeated() => return Err(error.into()),
            Err(error) => {
                ctx.count("unreachable");
                tracing::warn!(%error, "a follower was not reminded");
            }
        }
        Ok(forget(&store, id, ctx.instance().unix_now()).await?)
    }
}

fn said<'c, V: Variables>(
    text: &Template<V>,
    values: impl Into<Values<'c>>,
) -> Result<Reply, HandlerError> {
    Ok(Reply::text(text.render(values)?))
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Reminder {
    /// Of what was asked for in which message: worked on twice, it is asked for once.
    id: u64,
    /// In Unix seconds.
    due: u64,
    what: String,
}

/// The payload of its job.
#[derive(Serialize, Deserialize)]
struct Payload {
    account: String,
    openid: String,
    id: u64,
}

/// What waits, the next first.
async fn pending(ctx: &Context, now: u64) -> Result<Vec<Reminder>, StoreError> {
    let all: Option<Vec<Reminder>> = ctx.follower_store().get(KEY).await?;
    let mut all = all.unwrap_or_default();
    all.retain(|one| one.due + OVER > now);
    all.sort_by_key(|one| one.due);
    Ok(all)
}

async fn forget(store: &Namespace, id: u64, now: u64) -> Result<(), StoreError> {
    let without = |found: Option<Vec<Reminder>>| match found {
        None => Change::Keep,
        Some(mut all) => {
            all.retain(|one| one.id != id);
            kept(all, now)
        }
    };
    store.update(KEY, without).await.map(drop)
}

/// Until the last one is over.
fn kept(all: Vec<Reminder>, now: u64) -> Change<Vec<Reminder>> {
    let Some(last) = all.iter().map(|one| one.due).max() else { return Change::Remove };
    let ttl = Duration::from_secs(last.saturating_sub(now) + 2 * OVER);
    Change::Put(all, ttl)
}

/// Another one for each thing that a message asks for, as a language model may write several commands
/// for it; the same where it is worked on once more, although `10分钟后` is another time then.
fn id_of(message: u64, words: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (message, words).hash(&mut hasher);
    hasher.finish()
}

fn job_name(account: &str, openid: &str, id: u64) -> String {
    format!("{account}/{openid}/{id}")
}
