//! Sends at a time: what `entries` say, and what followers want to be reminded of.
//!
//! WeChat takes such messages mostly within 48 hours of a follower's last one. Who can't be reached
//! is counted, and summed up in one line. One of all instances sends, once.

mod config;
mod texts; // and what is said
mod entry; // sent to many, by the clock
mod reminders; // those of one follower
mod command; // what they write for it
mod phrase; // or as they talk

use wxbot_sdk::job::{Job, JobContext};
use wxbot_sdk::prelude::*;
use wxbot_sdk::schedule::Schedule;

use crate::command::Reminding;
pub use crate::config::Config;
use crate::entry::Entry;
use crate::phrase::Phrase;
use crate::reminders::Reminders;

/// The plugin.
pub struct Scheduler {
    entries: Vec<Entry>,
    /// `None` where followers can't have any.
    reminders: Option<Reminders>,
}

impl Plugin for Scheduler {
    const NAME: &'static str = "schedule";
    const SUMMARY: &'static str = "sends at a time, and reminds followers";
    const COMMANDS: Option<&'static CommandSet> = Some(Reminding::SET);
    type Config = Config;

    fn build(mut config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let entries = std::mem::take(&mut config.entries);
        let entries = entry::all(entries, env)?;
        Ok(Self { entries, reminders: config.reminders.then(|| Reminders::new(config)) })
    }
}

#[async_trait]
impl Handler for Scheduler {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(reminders) = &self.reminders else { return Ok(Flow::Pass) };
        let phrase = ctx.text().and_then(|text| Phrase::read(text, ctx.unix_now()));
        let usage = match phrase {
            Some(Phrase::Understood(when, what)) => {
                let remind = Reminding::Remind { when, what };
                return Ok(Flow::Reply(reminders.obey(ctx, remind).await?));
            }
            Some(Phrase::Misunderstood(usage)) => Some(usage),
            None => None,
        };
        match (ctx.command::<Reminding>(), usage) {
            (None, None) => Ok(Flow::Pass),
            (None, Some(usage)) => reminders.misunderstood(ctx, usage),
            (Some(Err(usage)), _) => Ok(Flow::reply(usage)),
            (Some(Ok(command)), _) => Ok(Flow::Reply(reminders.obey(ctx, command).await?)),
        }
    }

    fn takes_commands(&self) -> bool {
        self.reminders.is_some()
    }

    fn answers_texts(&self) -> bool {
        self.reminders.is_some()
    }

    fn sends_first(&self) -> bool {
        self.reminders.is_some() || !self.entries.is_empty()
    }

    fn schedules(&self) -> Vec<Schedule> {
        self.entries.iter().map(|entry| entry.schedule.clone()).collect()
    }

    async fn on_job(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        let entry = self.entries.iter().find(|entry| entry.schedule.name == job.name);
        match (entry, &self.reminders) {
            (Some(entry), _) if job.is_scheduled => entry.send(ctx, job).await,
            (_, Some(reminders)) if !job.is_scheduled => reminders.remind(ctx, job).await,
            // The configuration has changed since.
            _ => Ok(()),
        }
    }
}

register!(Scheduler);

#[cfg(test)]
mod tests;
