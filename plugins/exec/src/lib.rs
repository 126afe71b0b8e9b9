//! Asks a handler in any language, as a child process: one JSON line each way.
//!
//! The process is started when the first message comes, started again with backoff when it ends, and
//! ended with the bot. What it writes to stderr is in the log. `docs/en/other-languages.md` has the
//! contract.

mod config;
mod missing; // what is not there to be started
mod pool; // several processes
mod process; // one, started again and again
mod child; // from its start to its end
mod request;
mod lines;
mod stderr;
mod log_throttle;
mod error;

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use wxbot_sdk::external::{self, Request};
use wxbot_sdk::prelude::*;

pub use crate::config::Config;
use crate::error::CallError;
use crate::pool::Pool;
use crate::request::Answers;

/// The plugin.
pub struct Exec {
    config: Config,
    missing: Vec<String>,
    pool: Pool,
    permits: Semaphore,
    /// Of the last request. An answer of a process that is gone finds none with its id.
    last_id: AtomicU64,
}

impl Plugin for Exec {
    const NAME: &'static str = "exec";
    const SUMMARY: &'static str = "asks a handler in any language, as a child process";
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let command = config.command()?;
        Ok(Self {
            permits: Semaphore::new(config.permits()?),
            missing: missing::find(&command, &env.folder),
            pool: Pool::new(command, config.processes, &env.id),
            last_id: AtomicU64::new(0),
            config,
        })
    }
}

#[async_trait]
impl Handler for Exec {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let deadline = Instant::now() + external::time_limit(ctx, self.config.time_limit);
        let permit = timeout_at(deadline, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| CallError::Busy)?;
        let mut request = Request::new(ctx).await;
        let id = 1 + self.last_id.fetch_add(1, Ordering::Relaxed);
        request.id = Some(id);
        let line = request.to_json().ok_or(CallError::RequestTooLong)?;
        let answers = self.pool.ask(id, line)?;
        Ok(read(answers, ctx, deadline).await?)
    }

    fn warnings(&self) -> Vec<String> {
        self.missing.clone()
    }
}

register!(Exec);

/// Reads the answer. In front of it may be a line that only says `later`: that is said at once, and
/// the answer may take as long as the entry's `timeout`.
async fn read(mut answers: Answers, ctx: &Context, deadline: Instant) -> Result<Flow, CallError> {
    let mut answer = timeout_at(deadline, answers.next()).await??;
    while answer.is_interim() {
        if let Some(notice) = answer.later.filter(|notice| !notice.is_empty()) {
            ctx.later(notice);
        }
        answer = answers.next().await?;
    }
    Ok(answer.apply(ctx).await)
}

#[cfg(test)]
mod tests;
