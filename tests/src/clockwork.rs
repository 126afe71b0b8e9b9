//! A plugin with schedules and jobs, which writes down what it did.

use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wxbot_sdk::job::{Job, JobContext};
use wxbot_sdk::prelude::*;
use wxbot_sdk::schedule::{Cron, Missed, Schedule, Zone};

/// `[chain.config]` of `clockwork`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it writes down what it did.
    log: String,
    /// When, by name.
    cron: HashMap<String, Cron>,
    /// What becomes of what was missed.
    missed: Missed,
    /// How long a job takes, in seconds.
    takes: u64,
}

/// The plugin.
pub struct Clockwork(Config);

/// The names of jobs that were done, and when each was due in Unix seconds.
pub type Log = Vec<(String, u64)>;

static LOGS: Mutex<BTreeMap<String, Log>> = Mutex::new(BTreeMap::new());

fn logs() -> MutexGuard<'static, BTreeMap<String, Log>> {
    LOGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was done under this log.
pub fn done(log: &str) -> Log {
    logs().get(log).cloned().unwrap_or_default()
}

/// When the job of this name was due each time that it was done.
pub fn times(log: &str, name: &str) -> Vec<u64> {
    done(log).into_iter().filter(|(done, _)| done == name).map(|(_, due)| due).collect()
}

impl Plugin for Clockwork {
    const NAME: &'static str = "clockwork";
    const SUMMARY: &'static str = "does things at their time";
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self(config))
    }
}

#[async_trait]
impl Handler for Clockwork {
    /// `in 60 tea` is a job; `cancel tea` takes it back.
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let words = ctx.text_or("");
        match words.split(' ').collect::<Vec<_>>()[..] {
            ["in", seconds, name] => {
                let delay = Duration::from_secs(seconds.parse()?);
                let added = ctx.jobs().after(name, delay, &ctx.openid()).await?;
                Ok(Flow::reply(if added { "added" } else { "there" }))
            }
            ["cancel", name] => {
                let cancelled = ctx.jobs().cancel(name).await?;
                Ok(Flow::reply(if cancelled { "cancelled" } else { "gone" }))
            }
            _ => Ok(Flow::Pass),
        }
    }

    fn schedules(&self) -> Vec<Schedule> {
        let schedule = |(name, cron): (&String, &Cron)| Schedule {
            name: name.clone(),
            cron: cron.clone(),
            zone: Zone::BEIJING,
            missed: self.0.missed,
        };
        self.0.cron.iter().map(schedule).collect()
    }

    async fn on_job(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        match &*job.name {
            "panic" => panic!("as it was told"),
            "fail" => return Err("as it was told".into()),
            "hang" => pending().await,
            "thrice" if times(&self.0.log, "thrice").len() < 2 => {
                ctx.again_after(Duration::from_secs(60), &job.payload)?;
            }
            _ => {}
        }
        for step in 0..self.0.takes.div_ceil(60) {
            tokio::time::sleep(Duration::from_secs(60.min(self.0.takes - 60 * step))).await;
            // Whoever lost the job does not get further.
            ctx.checkpoint(&step).await?;
        }
        if let Ok(openid) = job.payload::<String>() {
            ctx.send_to("main", &openid, job.name.as_str()).await?;
        }
        let mut logs = logs();
        let log = logs.entry(self.0.log.clone()).or_default();
        log.push((job.name.clone(), job.due / 1000));
        Ok(())
    }
}

register!(Clockwork);
