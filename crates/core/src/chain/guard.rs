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
use tokio::time::timeout;

use crate::current;
use crate::trace::Verdict;
use wxbot_sdk::context::Context;
use wxbot_sdk::plugin::HandlerError;

/// A link that has this many threads blocked at once is not asked until one comes back.
pub const MOST_BLOCKED: usize = 64;
/// A plugin that says it only computes and takes this long did not tell the truth.
const COMPUTES_WITHIN: Duration = Duration::from_millis(50);
/// So often before it is no longer believed: once may be a busy machine.
const BELIEVED_TIMES: u32 = 3;

/// Runs one link's functions so that nothing they do reaches further than their result.
pub(super) struct Guard {
    timeout: Duration,
    /// Whether the plugin says, and is believed, that it only computes.
    in_place: AtomicBool,
    disappointments: AtomicU32,
    /// Polls of the plugin that are going on now, each on a thread that it may block.
    polling: Arc<AtomicUsize>,
    tasks: Handle,
}

impl Guard {
    pub(super) fn new(computes_only: bool, timeout: Duration, tasks: Handle) -> Self {
        Self {
            timeout,
            in_place: AtomicBool::new(computes_only),
            disappointments: AtomicU32::new(0),
            polling: Arc::default(),
            tasks,
        }
    }

    /// Whether the plugin may be run in place.
    pub(super) fn believes(&self) -> bool {
        self.in_place.load(Ordering::Relaxed)
    }

    /// Whether this was once too often that a plugin in place took too long.
    pub(super) fn doubts(&self, took: Duration) -> bool {
        if took < COMPUTES_WITHIN || !self.believes() {
            return false;
        }
        let times = 1 + self.disappointments.fetch_add(1, Ordering::Relaxed);
        if times == BELIEVED_TIMES {
            self.in_place.store(false, Ordering::Relaxed);
        }
        times == BELIEVED_TIMES
    }

    /// Runs a function that only computes where the message arrived.
    pub(super) async fn in_place<T>(
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
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        ctx: &mut Context,
        work: impl Future<Output = (Result<T, HandlerError>, Context)> + Send + 'static,
    ) -> Result<T, Verdict> {
        let polling = self.polling.load(Ordering::Relaxed);
        if polling >= MOST_BLOCKED {
            return Err(Verdict::Crowded(polling));
        }
        let work = AssertUnwindSafe(work).catch_unwind();
        let work = may_block(current::scope(ctx.incoming(), work), Arc::clone(&self.polling));
        let mut task = AbortOnDrop(self.tasks.spawn(work));
        let caught = self.within(&mut task.0).await?;
        let (result, own) =
            caught.map_err(|_| Verdict::Panicked(String::new()))?.map_err(panicked)?;
        *ctx = own;
        result.map_err(failed)
    }

    async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Verdict> {
        let within = self.timeout;
        timeout(within, work).await.map_err(|_| Verdict::TimedOut(within))
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
