//! A link that is asked by another one, in the middle of its work.

use std::sync::Arc;

use async_trait::async_trait;
use wxbot_sdk::context::{AskError, Context, Entries};
use wxbot_sdk::plugin::Flow;

use super::link::Link;
use super::trace::{Trace, Verdict};

/// The links of a chain. Guard, audience and cooldown are as when the chain asks.
pub(super) struct AskedEntries(pub(super) Arc<[Link]>);

#[async_trait]
impl Entries for AskedEntries {
    async fn ask(&self, id: &str, mut ctx: Context) -> Result<Flow, AskError> {
        let link = self.0.iter().find(|link| link.id() == id);
        let link = link.ok_or_else(|| AskError::Refused(format!("no entry is called `{id}`")))?;
        let mut trace = Trace::default();
        let flow = link.handle(&mut ctx, None, &mut trace).await;
        let verdict = trace.steps.pop().map(|step| step.verdict);
        match (flow, verdict) {
            (Flow::Pass, Some(Verdict::Passed)) | (_, None) => {
                Err(AskError::Failed("it has no answer to this".into()))
            }
            // What the plugin says of itself is for the log.
            (_, Some(Verdict::Failed(_) | Verdict::Panicked(_))) => {
                Err(AskError::Failed("it failed".into()))
            }
            (_, Some(verdict @ Verdict::TimedOut(_))) => {
                Err(AskError::TimedOut(verdict.to_string()))
            }
            (_, Some(verdict @ Verdict::Overloaded(_))) => {
                Err(AskError::Refused(verdict.to_string()))
            }
            (Flow::Pass, Some(verdict)) => Err(AskError::Refused(verdict.to_string())),
            (flow, _) => Ok(flow),
        }
    }
}
