//! What a plugin may use while it does a job.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use super::error::{JobError, MAX_PAYLOAD};
use super::queue::written;
use crate::instance::InstanceContext;
use crate::sending::{NotSent, SendError, Sending, Sent};
use crate::store::StoreError;

/// The instance, and the right to work on the job alone.
pub struct JobContext {
    instance: InstanceContext,
    lease: Arc<dyn JobLease>,
}

/// The right to work on one job, which ends when this instance of the bot stands still or dies.
#[async_trait]
pub trait JobLease: Send + Sync {
    /// Makes it last, with what is to be known after it. `false` if another instance has it now. A
    /// failing store is asked again for as long as the lease lasts.
    async fn renew(&self, checkpoint: Option<serde_json::Value>) -> Result<bool, StoreError>;

    /// Makes it last before something is sent. Never returns once the bot is stopping: the attempt
    /// ends there, and the next process makes it again.
    async fn renew_to_send(&self) -> Result<bool, StoreError>;

    /// Once it is done well, the job is due again after so long, with this payload.
    fn repeat(&self, delay: Duration, payload: serde_json::Value);

    /// Counts something.
    fn count(&self, what: &'static str);
}

impl JobContext {
    /// For the worker that runs jobs.
    pub fn new(instance: InstanceContext, lease: Arc<dyn JobLease>) -> Self {
        Self { instance, lease }
    }

    /// The instance: its store, its accounts, its other jobs.
    pub fn instance(&self) -> &InstanceContext {
        &self.instance
    }

    /// Sends a follower of an account something, unless another instance works on the job by now.
    /// WeChat takes it mostly within 48 h of their last message. Once the bot is stopping nothing is
    /// begun any more: the attempt ends here without being counted, and the next process goes on at
    /// the last checkpoint.
    pub async fn send_to(
        &self,
        account: &str,
        openid: &str,
        sending: impl Into<Sending>,
    ) -> Result<Sent, SendError> {
        let held = self.lease.renew_to_send().await;
        if let Err(error) = lease_kept(held) {
            let message = error.to_string();
            return Err(SendError { outcome: NotSent::TryLater, ..SendError::invalid(message) });
        }
        self.instance.send_to(account, openid, sending).await
    }

    /// Keeps how far the job is, for [`Job::checkpoint`](super::Job::checkpoint) of the next attempt;
    /// the time that it may take begins anew.
    pub async fn checkpoint<T: Serialize>(&self, checkpoint: &T) -> Result<(), JobError> {
        let checkpoint = serde_json::to_value(checkpoint)?;
        let bytes = checkpoint.to_string().len();
        if bytes > MAX_PAYLOAD {
            return Err(JobError::TooLarge { bytes });
        }
        lease_kept(self.lease.renew(Some(checkpoint)).await)
    }

    /// Has a job that was added once done again, so long after this time, with this payload. It holds
    /// where the attempt ends well. While a job is being done, its name is taken: to add it under
    /// that does nothing.
    pub fn again_after<T: Serialize>(&self, delay: Duration, payload: &T) -> Result<(), JobError> {
        self.lease.repeat(delay, written(payload)?);
        Ok(())
    }

    /// Counts something, in the metric `wxbot_link_events_total` under this name. Names are few and
    /// fixed: nothing that comes from a follower.
    pub fn count(&self, what: &'static str) {
        self.lease.count(what);
    }
}

fn lease_kept(renewed: Result<bool, StoreError>) -> Result<(), JobError> {
    match renewed {
        Ok(true) => Ok(()),
        Ok(false) => Err(JobError::LeaseLost),
        Err(error) => Err(JobError::Store(error)),
    }
}
