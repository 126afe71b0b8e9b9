//! One entry of the chain: asks its plugin, and notes what came of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::runtime::Handle;

use super::cooldown::Cooldown;
use super::guard::Guard;
use crate::metrics::{LinkMetrics, Metrics};
use crate::trace::{Hook, Step, Trace, Verdict};
use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::{Flow, Handler};
use wxbot_sdk::reply::Reply;

/// What follows when a link fails, panics or is too slow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The next link is asked.
    #[default]
    Pass,
    /// Nobody else is asked, and nothing is said.
    Stop,
    /// This is said.
    Reply(String),
}

/// What a link is made of.
pub struct Entry {
    /// Unique in the chain.
    pub id: String,
    /// The plugin's name.
    pub plugin: &'static str,
    /// The instance.
    pub handler: Arc<dyn Handler>,
    /// [`Plugin::COMPUTES_ONLY`](wxbot_sdk::plugin::Plugin::COMPUTES_ONLY).
    pub computes_only: bool,
    /// The longest it may take for one message.
    pub timeout: Duration,
    /// What follows when it does not answer properly.
    pub on_error: OnError,
    /// How often it may answer.
    pub cooldown: Option<Cooldown>,
    /// Said before it is asked, as it takes long.
    pub later: Option<String>,
}

/// An entry that is ready to be asked.
pub struct Link {
    entry: Entry,
    id: Arc<str>,
    guard: Guard,
    metrics: LinkMetrics,
}

impl Link {
    pub(super) fn new(entry: Entry, tasks: Handle, metrics: &Metrics) -> Self {
        Self {
            id: entry.id.as_str().into(),
            guard: Guard::new(entry.computes_only, entry.timeout, tasks),
            metrics: metrics.link(&entry.id, entry.plugin),
            entry,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its plugin.
    pub fn plugin(&self) -> &'static str {
        self.entry.plugin
    }

    /// Asks the plugin about a message.
    pub(super) async fn handle(&self, ctx: &mut Context, trace: &mut Trace) -> Flow {
        ctx.set_link(&self.id);
        let started = Instant::now();
        let (flow, verdict) = match &self.entry.cooldown {
            None => self.ask(ctx).await,
            Some(cooldown) => match cooldown.left(ctx).await {
                Some(left) => (cooldown.instead(left), Verdict::CoolingDown(left)),
                None => {
                    let (flow, verdict) = self.ask(ctx).await;
                    if matches!(verdict, Verdict::Replied(_)) {
                        cooldown.begin(ctx).await;
                    }
                    (flow, verdict)
                }
            },
        };
        self.note(Hook::Handle, verdict, started.elapsed(), trace);
        flow
    }

    async fn ask(&self, ctx: &mut Context) -> (Flow, Verdict) {
        if let Some(notice) = &self.entry.later {
            ctx.later(notice.as_str());
        }
        let answered = if self.guard.believes() {
            self.guard.in_place(self.entry.handler.handle(ctx)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.entry.handler), ctx.clone());
            self.guard.apart(ctx, async move { (handler.handle(&mut own).await, own) }).await
        };
        match answered {
            Ok(Flow::Pass) => (Flow::Pass, Verdict::Passed),
            Ok(Flow::Stop) => (Flow::Stop, Verdict::Stopped),
            Ok(Flow::Reply(reply)) => {
                let verdict = Verdict::Replied(reply.kind());
                (Flow::Reply(reply), verdict)
            }
            Err(failure) => (self.on_error(), failure),
        }
    }

    /// Shows the plugin the reply. Whatever goes wrong, the reply stays.
    pub(super) async fn after(&self, ctx: &mut Context, reply: Reply, trace: &mut Trace) -> Reply {
        ctx.set_link(&self.id);
        let started = Instant::now();
        let shown = reply.clone();
        let answered = if self.guard.believes() {
            self.guard.in_place(self.entry.handler.after(ctx, shown)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.entry.handler), ctx.clone());
            self.guard.apart(ctx, async move { (handler.after(&mut own, shown).await, own) }).await
        };
        let (kept, verdict) = match answered {
            Ok(same) if same == reply => return reply,
            Ok(changed) => (changed, Verdict::Changed),
            Err(failure) => (reply, failure),
        };
        self.note(Hook::After, verdict, started.elapsed(), trace);
        kept
    }

    fn on_error(&self) -> Flow {
        match &self.entry.on_error {
            OnError::Pass => Flow::Pass,
            OnError::Stop => Flow::Stop,
            OnError::Reply(text) => Flow::reply(text.as_str()),
        }
    }

    fn doubt(&self, took: Duration) {
        if self.guard.doubts(took) {
            let (link, plugin) = (&*self.id, self.entry.plugin);
            tracing::warn!(
                link,
                plugin,
                "it says it only computes, but blocks: own tasks from now"
            );
        }
    }

    /// One line, one step, one count.
    fn note(&self, hook: Hook, verdict: Verdict, took: Duration, trace: &mut Trace) {
        self.metrics.count(&verdict, took);
        self.doubt(took);
        let (link, micros) = (&*self.id, took.as_micros());
        match &verdict {
            Verdict::Panicked(_) => tracing::error!(link, micros, "the plugin panicked"),
            Verdict::Failed(error) => tracing::warn!(link, micros, error, "the plugin failed"),
            Verdict::TimedOut(_) | Verdict::Crowded(_) => {
                tracing::warn!(link, micros, verdict = %verdict, "the plugin did not answer");
            }
            _ => tracing::debug!(link, micros, verdict = %verdict, "asked"),
        }
        trace.steps.push(Step { link: Arc::clone(&self.id), hook, verdict, took });
    }
}
