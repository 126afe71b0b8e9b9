//! What an instance is to do at a time: again and again by a
//! [`Schedule`](crate::schedule::Schedule), or once.
//!
//! Jobs are in the store. One of all instances of the bot runs a job that is due, and another one
//! takes over when that dies: a job is run at least once, and runs twice only where nobody can know
//! that it was done. One that fails, panics or takes too long is tried again, with backoff, up to
//! [`MAX_ATTEMPTS`] times; then it is a dead letter, and the log has one error.
//!
//! ```
//! use std::time::Duration;
//!
//! use wxbot_sdk::job::{Job, JobContext};
//! use wxbot_sdk::prelude::*;
//!
//! #[derive(Serialize, Deserialize)]
//! struct Tea {
//!     account: String,
//!     openid: String,
//! }
//!
//! /// In a [`Handler`].
//! async fn handle(ctx: &mut Context) -> Result<Flow, HandlerError> {
//!     let tea = Tea { account: ctx.account().into(), openid: ctx.openid().into() };
//!     ctx.jobs().after(&format!("tea {}", tea.openid), Duration::from_secs(180), &tea).await?;
//!     Ok(Flow::reply("三分钟后叫您"))
//! }
//!
//! async fn on_job(ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
//!     let Tea { account, openid } = job.payload()?;
//!     ctx.send_to(&account, &openid, "茶泡好了").await?;
//!     Ok(())
//! }
//! ```

mod error;
mod record;
mod queue;
mod context;

use serde::de::DeserializeOwned;

pub use context::{JobContext, JobLease};
pub use error::{JobError, MAX_ATTEMPTS, MAX_JOBS, MAX_PAYLOAD};
pub use queue::{JobSignal, Jobs, PendingJob};
pub use record::{JobKind, JobRecord, id_of_once, id_of_schedule, is_schedule, name_of};

/// Something that is due.
#[derive(Debug, Clone)]
pub struct Job {
    /// Of the schedule, or as it was added.
    pub name: String,
    /// When it was to be done, in Unix milliseconds.
    pub due: u64,
    /// Whether a schedule says so.
    pub is_scheduled: bool,
    /// 1 for the first.
    pub attempt: u32,
    /// As JSON; null for a schedule.
    pub payload: serde_json::Value,
    /// What an earlier attempt kept last.
    pub checkpoint: Option<serde_json::Value>,
}

impl Job {
    /// What was added with it.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_value(self.payload.clone())
    }

    /// How far an earlier attempt got, as [`JobContext::checkpoint`] kept it.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, serde_json::Error> {
        self.checkpoint.clone().map(serde_json::from_value).transpose()
    }
}
