//! A plugin that writes into a file what it did, for tests that end processes.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wxbot_sdk::job::{Job, JobContext};
use wxbot_sdk::prelude::*;

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// `[chain.config]` of `diary`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The file.
    file: PathBuf,
}

/// The plugin.
pub struct Diary(Config);

impl Plugin for Diary {
    const NAME: &'static str = "diary";
    const SUMMARY: &'static str = "writes down what it did";
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self(config))
    }
}

#[async_trait]
impl Handler for Diary {
    /// `in 3 tea` is a job.
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let words = ctx.text_or("");
        let ["in", seconds, name] = words.split(' ').collect::<Vec<_>>()[..] else {
            return Ok(Flow::Pass);
        };
        let delay = Duration::from_secs(seconds.parse()?);
        let added = ctx.jobs().after(name, delay, &()).await?;
        Ok(Flow::reply(if added { "added" } else { "there" }))
    }

    /// `behind-gate` says on stderr that it has begun, and waits for a file `gate`.
    async fn on_job(&self, _ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        if let Some(gate) = job.name.strip_prefix("behind-") {
            eprintln!("{} is being done", job.name);
            while !Path::new(gate).exists() {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        self.write(&job.name)
    }

    async fn stop(&self, _ctx: &InstanceContext) -> Result<(), HandlerError> {
        self.write("stopped")
    }
}

register!(Diary);

impl Diary {
    fn write(&self, line: &str) -> Result<(), HandlerError> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0.file)?;
        Ok(writeln!(file, "{line}")?)
    }
}
