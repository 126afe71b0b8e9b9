//! One entry of the chain: asks its plugin, and notes what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use wxbot_sdk::context::{Context, Noted};
use wxbot_sdk::dialog::{DialogChange, DialogTurn};
use wxbot_sdk::plugin::{Flow, Handler};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::template::TemplateError;

use super::cooldown::Cooldown;
use super::dialog::DialogRules;
use super::failure_log::FailureLog;
use super::guard::Guard;
use super::link_spec::{LinkSpec, OnError};
use super::trace::{Hook, Step, Trace, Verdict};
use crate::dialogs::MessageDialogs;
use crate::log_throttle::SumUp;

/// How an entry's dialogs go, and those of the follower.
type Dialog<'l, 's> = (&'l DialogRules, &'l mut MessageDialogs<'s>);

/// An entry that is ready to be asked.
pub struct Link {
    spec: LinkSpec,
    place: usize,
    id: Arc<str>,
    guard: Guard,
    failures: FailureLog,
    /// Until its plugin is known to have no `after` of its own.
    has_after: AtomicBool,
}

impl Link {
    pub(super) fn new(place: usize, spec: LinkSpec, tasks: Handle) -> Self {
        let id: Arc<str> = spec.id.as_str().into();
        Self {
            place,
            failures: FailureLog::new(Arc::clone(&id)),
            id,
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

    /// Logs how often it failed beyond what was logged.
    pub(super) fn sum_up_failures(&self) {
        self.failures.sum_up();
    }

    /// The instance itself.
    pub(crate) fn handler(&self) -> &Arc<dyn Handler> {
        &self.spec.handler
    }

    /// The longest it may take for one message.
    pub(crate) fn timeout(&self) -> Duration {
        self.spec.timeout
    }

    pub(super) fn has_after(&self) -> bool {
        self.has_after.load(Ordering::Relaxed)
    }

    pub(super) fn has_dialogs(&self) -> bool {
        self.spec.dialogs.is_some()
    }

    /// Asks the plugin about a message.
    pub(super) async fn handle(
        &self,
        ctx: &mut Context,
        dialogs: Option<&mut MessageDialogs<'_>>,
        trace: &mut Trace,
    ) -> Flow {
        ctx.set_link(&self.id);
        let started = Instant::now();
        if let Some(refused) = self.refused(ctx, started, trace) {
            return refused;
        }
        let dialog = self.spec.dialogs.as_ref().zip(dialogs);
        let (flow, verdict) = match (dialog, &self.spec.cooldown) {
            (None, None) => self.ask(ctx).await,
            (None, Some(cooldown)) => Box::pin(self.ask_with_cooldown(cooldown, ctx, None)).await,
            (Some(dialog), _) => Box::pin(self.converse(dialog, ctx)).await,
        };
        let noted = ctx.take_noted();
        self.note(Hook::Handle, verdict, noted, started.elapsed(), trace);
        flow
    }

    /// What happens instead of asking the plugin, where the follower is not of the audience.
    fn refused(&self, ctx: &Context, started: Instant, trace: &mut Trace) -> Option<Flow> {
        let (flow, verdict) = match self.spec.refusal.as_ref()?.instead(ctx).transpose()? {
            Ok(Flow::Pass) => return Some(Flow::Pass),
            Ok(flow) => (flow, Verdict::Refused),
            Err(error) => self.conclude(Err(failed(&error)), ctx),
        };
        self.note(Hook::Handle, verdict, Noted::default(), started.elapsed(), trace);
        Some(flow)
    }

    async fn ask_with_cooldown(
        &self,
        cooldown: &Cooldown,
        ctx: &mut Context,
        dialog: Option<Dialog<'_, '_>>,
    ) -> (Flow, Verdict) {
        if let Err(left) = cooldown.claim(ctx).await {
            return match cooldown.instead(left, ctx) {
                Ok(flow) => (flow, Verdict::CoolingDown(left)),
                Err(error) => self.conclude(Err(failed(&error)), ctx),
            };
        }
        let (flow, verdict) = match dialog {
            None => self.ask(ctx).await,
            Some(dialog) => self.ask_in_dialog(dialog, ctx).await,
        };
        if !matches!(verdict, Verdict::Replied(_)) {
            cooldown.release(ctx).await;
        }
        (flow, verdict)
    }

    async fn ask(&self, ctx: &mut Context) -> (Flow, Verdict) {
        let answered = self.call(ctx).await;
        self.conclude(answered, ctx)
    }

    /// Asks the plugin where it may have a dialog with the follower. An answer that was asked for
    /// does not wait for a cooldown.
    async fn converse(&self, dialog: Dialog<'_, '_>, ctx: &mut Context) -> (Flow, Verdict) {
        let (_, dialogs) = &dialog;
        if let Some(given) = dialogs.given(&self.id) {
            return self.conclude(Ok(given), ctx);
        }
        match &self.spec.cooldown {
            Some(cooldown) if dialogs.answered(&self.id, ctx.message()).is_none() => {
                self.ask_with_cooldown(cooldown, ctx, Some(dialog)).await
            }
            _ => self.ask_in_dialog(dialog, ctx).await,
        }
    }

    async fn ask_in_dialog(
        &self,
        (rules, dialogs): Dialog<'_, '_>,
        ctx: &mut Context,
    ) -> (Flow, Verdict) {
        let question = dialogs.question(&self.id, ctx.message());
        if let (Ok(Some(_)), Some(cancelled)) = (&question, rules.cancels(ctx)) {
            let done = match cancelled {
                Ok(cancelled) => dialogs.step(ctx, None, cancelled).await,
                Err(error) => Err(error),
            };
            return self.conclude(done.map_err(Verdict::Failed), ctx);
        }
        ctx.set_dialog(DialogTurn::new(question, rules.links));
        let answered = self.call(ctx).await;
        let (change, flow) = match (ctx.take_dialog_change(), answered) {
            // Whatever the plugin made of it.
            (Some(change @ DialogChange::Outdated), _) => (change, Flow::Pass),
            (Some(change), Ok(flow)) => (change, flow),
            (_, answered) => return self.conclude(answered, ctx),
        };
        let flow = rules.carry_out(change, flow, ctx, dialogs).await;
        self.conclude(flow.map_err(Verdict::Failed), ctx)
    }

    async fn call(&self, ctx: &mut Context) -> Result<Flow, Verdict> {
        if let Some(notice) = &self.spec.later {
            ctx.later(notice.render(&*ctx).map_err(|error| failed(&error))?);
        }
        if self.guard.is_inline() {
            return self.guard.run_inline(self.spec.handler.handle(ctx)).await;
        }
        let (handler, mut own) = (Arc::clone(&self.spec.handler), ctx.clone());
        let work = async move { (handler.handle(&mut own).await, own) };
        self.guard.run_as_task(ctx, work).await
    }

    fn conclude(&self, answered: Result<Flow, Verdict>, ctx: &Context) -> (Flow, Verdict) {
        match answered {
            Ok(Flow::Pass) => (Flow::Pass, Verdict::Passed),
            Ok(Flow::Stop) => (Flow::Stop, Verdict::Stopped),
            Ok(Flow::Reply(reply)) => {
                let verdict = Verdict::Replied(reply.kind());
                (Flow::Reply(reply), verdict)
            }
            Err(failure) => (self.on_error(ctx), failure),
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
        let noted = ctx.take_noted();
        let (kept, verdict) = match answered {
            Ok(same) if same == reply => return reply,
            Ok(changed) => (changed, Verdict::Changed),
            Err(failure) => (reply, failure),
        };
        self.note(Hook::After, verdict, noted, started.elapsed(), trace);
        kept
    }

    fn on_error(&self, ctx: &Context) -> Flow {
        match &self.spec.on_error {
            OnError::Pass => Flow::Pass,
            OnError::Stop => Flow::Stop,
            OnError::Reply(text) => text.render(ctx).map_or_else(
                |error| {
                    tracing::warn!(link = &*self.id, %error, "the text of `on_error` failed, too");
                    Flow::Stop
                },
                Flow::reply,
            ),
        }
    }

    /// One line, one step.
    fn note(&self, hook: Hook, verdict: Verdict, noted: Noted, took: Duration, trace: &mut Trace) {
        let (link, micros) = (&*self.id, took.as_micros());
        if self.guard.demote_if_slow(took) {
            let plugin = self.spec.plugin;
            tracing::warn!(link, plugin, "declared COMPUTES_ONLY but blocked: now run as a task");
        }
        if !self.failures.log(&verdict, micros) {
            let counted = &noted.counted;
            tracing::debug!(link, micros, verdict = %verdict, ?counted, "asked");
        }
        let link = Arc::clone(&self.id);
        trace.steps.push(Step { place: self.place, link, hook, verdict, noted, took });
    }
}

fn failed(error: &TemplateError) -> Verdict {
    Verdict::Failed(error.to_string())
}
