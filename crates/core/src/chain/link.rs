//! One entry of the chain: asks its plugin, and notes what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::runtime::Handle;
use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::{Flow, Handler};
use wxbot_sdk::reply::Reply;

use super::cooldown::Cooldown;
use super::guard::Guard;
use super::trace::{Hook, Step, Trace, Verdict};

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
pub struct LinkSpec {
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
    spec: LinkSpec,
    place: usize,
    id: Arc<str>,
    guard: Guard,
    /// Until its plugin is known to have no `after` of its own.
    has_after: AtomicBool,
}

impl Link {
    pub(super) fn new(place: usize, spec: LinkSpec, tasks: Handle) -> Self {
        Self {
            place,
            id: spec.id.as_str().into(),
            guard: Guard::new(spec.computes_only, spec.timeout, tasks),
            has_after: AtomicBool::new(true),
            spec,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its plugin.
    pub fn plugin(&self) -> &'static str {
        self.spec.plugin
    }

    pub(super) fn has_after(&self) -> bool {
        self.has_after.load(Ordering::Relaxed)
    }

    /// Asks the plugin about a message.
    pub(super) async fn handle(&self, ctx: &mut Context, trace: &mut Trace) -> Flow {
        ctx.set_link(&self.id);
        let started = Instant::now();
        let (flow, verdict) = match &self.spec.cooldown {
            None => self.ask(ctx).await,
            Some(cooldown) => Box::pin(self.ask_with_cooldown(cooldown, ctx)).await,
        };
        self.note(Hook::Handle, verdict, started.elapsed(), trace);
        flow
    }

    async fn ask_with_cooldown(&self, cooldown: &Cooldown, ctx: &mut Context) -> (Flow, Verdict) {
        if let Err(left) = cooldown.claim(ctx).await {
            return (cooldown.instead(left), Verdict::CoolingDown(left));
        }
        let (flow, verdict) = self.ask(ctx).await;
        if !matches!(verdict, Verdict::Replied(_)) {
            cooldown.release(ctx).await;
        }
        (flow, verdict)
    }

    async fn ask(&self, ctx: &mut Context) -> (Flow, Verdict) {
        if let Some(notice) = &self.spec.later {
            ctx.later(notice.as_str());
        }
        let answered = if self.guard.is_inline() {
            self.guard.run_inline(self.spec.handler.handle(ctx)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.spec.handler), ctx.clone());
            let work = async move { (handler.handle(&mut own).await, own) };
            self.guard.run_as_task(ctx, work).await
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
        let answered = if self.guard.is_inline() {
            self.guard.run_inline(self.spec.handler.after(ctx, shown)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.spec.handler), ctx.clone());
            let work = async move { (handler.after(&mut own, shown).await, own) };
            self.guard.run_as_task(ctx, work).await
        };
        if ctx.take_default_after() {
            self.has_after.store(false, Ordering::Relaxed);
            return reply;
        }
        let (kept, verdict) = match answered {
            Ok(same) if same == reply => return reply,
            Ok(changed) => (changed, Verdict::Changed),
            Err(failure) => (reply, failure),
        };
        self.note(Hook::After, verdict, started.elapsed(), trace);
        kept
    }

    fn on_error(&self) -> Flow {
        match &self.spec.on_error {
            OnError::Pass => Flow::Pass,
            OnError::Stop => Flow::Stop,
            OnError::Reply(text) => Flow::reply(text.as_str()),
        }
    }

    /// One line, one step.
    fn note(&self, hook: Hook, verdict: Verdict, took: Duration, trace: &mut Trace) {
        let (link, micros) = (&*self.id, took.as_micros());
        if self.guard.demote_if_slow(took) {
            let plugin = self.spec.plugin;
            tracing::warn!(link, plugin, "declared COMPUTES_ONLY but blocked: now run as a task");
        }
        match &verdict {
            Verdict::Panicked(_) => tracing::error!(link, micros, "the plugin panicked"),
            Verdict::Failed(error) => tracing::warn!(link, micros, error, "the plugin failed"),
            Verdict::TimedOut(_) | Verdict::Overloaded(_) => {
                tracing::warn!(link, micros, verdict = %verdict, "the plugin did not answer");
            }
            _ => tracing::debug!(link, micros, verdict = %verdict, "asked"),
        }
        let link = Arc::clone(&self.id);
        trace.steps.push(Step { place: self.place, link, hook, verdict, took });
    }
}
