//! The guard around a plugin: a panic, a hang, a block or an error costs one message one answer,
//! and nobody else anything.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::{FutureExt, poll};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::HandlerError;

use super::trace::Verdict;
use crate::current;

/// A link that has this many threads blocked at once is not asked until one comes back.
pub const MAX_BLOCKED: usize = 64;
/// How many times to look for a thread that came back, over half a second.
const LOOKS: u32 = 25;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// A plugin that is declared `COMPUTES_ONLY` and takes this long does not only compute.
const COMPUTES_WITHIN: Duration = Duration::from_millis(50);
/// Strikes before it runs as a task of its own; a single one may be a busy machine.
const MAX_SLOW_CALLS: u32 = 3;

/// Runs one link's functions so that nothing they do reaches further than their result.
pub(super) struct Guard {
    timeout: Duration,
    /// The plugin is declared `COMPUTES_ONLY`, and keeps to it.
    inline: AtomicBool,
    slow_calls: AtomicU32,
    /// Polls of the plugin that are going on now, each on a thread that it may block.
    polling: Arc<AtomicUsize>,
    tasks: Handle,
}

impl Guard {
    pub(super) fn new(computes_only: bool, timeout: Duration, tasks: Handle) -> Self {
        Self {
            timeout,
            inline: AtomicBool::new(computes_only),
            slow_calls: AtomicU32::new(0),
            polling: Arc::default(),
            tasks,
        }
    }

    /// Whether the plugin is run where the message arrived.
    pub(super) fn is_inline(&self) -> bool {
        self.inline.load(Ordering::Relaxed)
    }

    /// Takes the privilege of running inline from a plugin that takes too long too often; says
    /// whether that happened now.
    pub(super) fn demote_if_slow(&self, took: Duration) -> bool {
        if took < COMPUTES_WITHIN || !self.is_inline() {
            return false;
        }
        let calls = 1 + self.slow_calls.fetch_add(1, Ordering::Relaxed);
        calls >= MAX_SLOW_CALLS && self.inline.swap(false, Ordering::Relaxed)
    }

    /// Runs a function that only computes where the message arrived.
    pub(super) async fn run_inline<T>(
        &self,
        work: impl Future<Output = Result<T, HandlerError>>,
    ) -> Result<T, Verdict> {
        let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
        let caught = match poll!(&mut work) {
            Poll::Ready(caught) => caught,
            Poll::Pending => self.in_time(work).await?,
        };
        caught.map_err(panicked)?.map_err(failed)
    }

    /// Runs a function as a task of its own, which may wait, block or hang. It gets a context of
    /// its own (three pointers), which comes back unless the function does not.
    pub(super) async fn run_as_task<T: Send + 'static>(
        &self,
        ctx: &mut Context,
        work: impl Future<Output = (Result<T, HandlerError>, Context)> + Send + 'static,
    ) -> Result<T, Verdict> {
        self.wait_for_a_thread().await?;
        let work = AssertUnwindSafe(work).catch_unwind();
        let work = may_block(current::scope(ctx.incoming(), work), Arc::clone(&self.polling));
        let mut task = AbortOnDrop(self.tasks.spawn(work));
        let caught = self.in_time(&mut task.0).await?;
        let (result, own) =
            caught.map_err(|_| Verdict::Panicked(String::new()))?.map_err(panicked)?;
        *ctx = own;
        result.map_err(failed)
    }

    /// Many polls at once are not all blocked: on a busy machine some wait for the processor only, and
    /// are soon over.
    async fn wait_for_a_thread(&self) -> Result<(), Verdict> {
        for _ in 0..LOOKS {
            if self.polling.load(Ordering::Relaxed) < MAX_BLOCKED {
                return Ok(());
            }
            sleep(BETWEEN_LOOKS).await;
        }
        Err(Verdict::Overloaded(self.polling.load(Ordering::Relaxed)))
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Verdict> {
        timeout(self.timeout, work).await.map_err(|_| Verdict::TimedOut(self.timeout))
    }
}

/// Lets the work block its thread: the runtime's other tasks go on with another one.
pub(crate) async fn may_block<T>(work: impl Future<Output = T>, polling: Arc<AtomicUsize>) -> T {
    let has_threads = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        polling.fetch_add(1, Ordering::Relaxed);
        let polled = if has_threads {
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
