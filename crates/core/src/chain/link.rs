//! One entry of the chain, and the guard around its plugin: a panic, a hang, a block or an error
//! costs one message one answer, and nobody else anything.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, poll};
use serde::Deserialize;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::context::Context;
use crate::current;
use crate::metrics::{LinkMetrics, Metrics};
use crate::plugin::{Flow, Handler, HandlerError};
use crate::reply::Reply;
use crate::trace::{Hook, Step, Trace, Verdict};

/// A link that has this many threads blocked at once is not asked until one comes back.
pub const MOST_BLOCKED: usize = 64;
/// A plugin that says it only computes and takes this long did not tell the truth.
const COMPUTES_WITHIN: Duration = Duration::from_millis(50);
/// So often before it is no longer believed: once may be a busy machine.
const BELIEVED_TIMES: u32 = 3;

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
    /// [`Plugin::COMPUTES_ONLY`](crate::plugin::Plugin::COMPUTES_ONLY).
    pub computes_only: bool,
    /// The longest it may take for one message.
    pub timeout: Duration,
    /// What follows when it does not answer properly.
    pub on_error: OnError,
}

/// An entry that is ready to be asked.
pub struct Link {
    entry: Entry,
    id: Arc<str>,
    metrics: LinkMetrics,
    in_place: AtomicBool,
    disappointments: AtomicU32,
    polling: Arc<AtomicUsize>,
    tasks: Handle,
}

impl Link {
    pub(super) fn new(entry: Entry, tasks: Handle, metrics: &Metrics) -> Self {
        Self {
            id: entry.id.as_str().into(),
            metrics: metrics.link(&entry.id, entry.plugin),
            in_place: AtomicBool::new(entry.computes_only),
            disappointments: AtomicU32::new(0),
            polling: Arc::default(),
            tasks,
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
        ctx.lend_to(&self.id);
        let started = Instant::now();
        let answered = if self.runs_in_place() {
            self.in_place(self.entry.handler.handle(ctx)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.entry.handler), ctx.clone());
            self.apart(ctx, async move { (handler.handle(&mut own).await, own) }).await
        };
        let (flow, verdict) = match answered {
            Ok(Flow::Pass) => (Flow::Pass, Verdict::Passed),
            Ok(Flow::Stop) => (Flow::Stop, Verdict::Stopped),
            Ok(Flow::Reply(reply)) => {
                let verdict = Verdict::Replied(reply.kind());
                (Flow::Reply(reply), verdict)
            }
            Err(failure) => (self.on_error(), failure),
        };
        self.note(Hook::Handle, verdict, started.elapsed(), trace);
        flow
    }

    /// Shows the plugin the reply. Whatever goes wrong, the reply stays.
    pub(super) async fn after(&self, ctx: &mut Context, reply: Reply, trace: &mut Trace) -> Reply {
        ctx.lend_to(&self.id);
        let started = Instant::now();
        let shown = reply.clone();
        let answered = if self.runs_in_place() {
            self.in_place(self.entry.handler.after(ctx, shown)).await
        } else {
            let (handler, mut own) = (Arc::clone(&self.entry.handler), ctx.clone());
            self.apart(ctx, async move { (handler.after(&mut own, shown).await, own) }).await
        };
        let (kept, verdict) = match answered {
            Ok(same) if same == reply => return reply,
            Ok(changed) => (changed, Verdict::Changed),
            Err(failure) => (reply, failure),
        };
        self.note(Hook::After, verdict, started.elapsed(), trace);
        kept
    }

    fn runs_in_place(&self) -> bool {
        self.in_place.load(Ordering::Relaxed)
    }

    /// Runs a function that only computes where the message arrived.
    async fn in_place<T>(
        &self,
        work: impl Future<Output = Result<T, HandlerError>>,
    ) -> Result<T, Verdict> {
        let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
        let caught = match poll!(&mut work) {
            Poll::Ready(caught) => caught,
            Poll::Pending => self.within(work).await?,
        };
        caught.map_err(panicked)?.map_err(failed)
    }

    /// Runs a function as a task of its own, which may wait, block or hang.
    async fn apart<T: Send + 'static>(
        &self,
        ctx: &mut Context,
        work: impl Future<Output = (Result<T, HandlerError>, Context)> + Send + 'static,
    ) -> Result<T, Verdict> {
        let polling = self.polling.load(Ordering::Relaxed);
        if polling >= MOST_BLOCKED {
            return Err(Verdict::Crowded(polling));
        }
        let work = AssertUnwindSafe(work).catch_unwind();
        let work = may_block(current::scope(ctx.about(), work), Arc::clone(&self.polling));
        let mut task = AbortOnDrop(self.tasks.spawn(work));
        let caught = self.within(&mut task.0).await?;
        let (result, own) =
            caught.map_err(|_| Verdict::Panicked(String::new()))?.map_err(panicked)?;
        *ctx = own;
        result.map_err(failed)
    }

    async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Verdict> {
        let within = self.entry.timeout;
        timeout(within, work).await.map_err(|_| Verdict::TimedOut(within))
    }

    /// A plugin that says it only computes is believed until it has blocked a few times.
    fn doubt(&self, took: Duration) {
        if took < COMPUTES_WITHIN || !self.runs_in_place() {
            return;
        }
        if self.disappointments.fetch_add(1, Ordering::Relaxed) + 1 == BELIEVED_TIMES {
            self.in_place.store(false, Ordering::Relaxed);
            let (link, plugin) = (&*self.id, self.entry.plugin);
            tracing::warn!(
                link,
                plugin,
                "it says it only computes, but blocks: own tasks from now"
            );
        }
    }

    fn on_error(&self) -> Flow {
        match &self.entry.on_error {
            OnError::Pass => Flow::Pass,
            OnError::Stop => Flow::Stop,
            OnError::Reply(text) => Flow::reply(text.as_str()),
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

/// Lets the work block its thread: the runtime's other tasks go on with another one.
async fn may_block<T>(work: impl Future<Output = T>, polling: Arc<AtomicUsize>) -> T {
    let threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        polling.fetch_add(1, Ordering::Relaxed);
        let polled = if threads {
            tokio::task::block_in_place(|| work.as_mut().poll(cx))
        } else {
            work.as_mut().poll(cx)
        };
        polling.fetch_sub(1, Ordering::Relaxed);
        polled
    })
    .await
}

fn failed(error: HandlerError) -> Verdict {
    Verdict::Failed(error.to_string())
}

fn panicked(panic: Box<dyn Any + Send>) -> Verdict {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    Verdict::Panicked(text.or_else(|| panic.downcast_ref().cloned()).unwrap_or_default())
}

/// Whoever stops waiting for a task ends it, at its next `await`.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
