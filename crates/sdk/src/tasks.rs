//! Tasks that end with their owner.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// What an instance does beside messages. Dropped, all of it ends.
pub struct Tasks {
    link: Arc<str>,
    runtime: Handle,
    /// `None` once they were ended.
    running: Mutex<Option<JoinSet<()>>>,
}

impl Tasks {
    /// Of the instance of this id; they run there.
    pub fn new(link: &Arc<str>, runtime: &Handle) -> Self {
        let running = Mutex::new(Some(JoinSet::new()));
        Self { link: Arc::clone(link), runtime: runtime.clone(), running }
    }

    /// Runs one more, unless they were ended. A panic in it is logged, under what it is.
    pub fn spawn(&self, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let link = Arc::clone(&self.link);
        let task = async move {
            if let Err(panic) = unpanicked(task).await {
                tracing::error!(link = &*link, "a {what} of this plugin panicked");
                tracing::trace!(link = &*link, panic = words(&*panic), "a {what} panicked");
            }
        };
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(running) = running.as_mut() else { return };
        // Those that are done take no room.
        while running.try_join_next().is_some() {}
        running.spawn_on(task, &self.runtime);
    }

    /// Ends all of them, at their next `await`, and begins none any more.
    pub fn end(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(running);
    }
}

/// What a future returns, or what it panicked with.
pub async fn unpanicked<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref().map(String::as_str)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn tasks_end_with_their_owner_whatever_another_one_does() {
        let tasks = Tasks::new(&"shop".into(), &Handle::current());
        let (alive, ended) = oneshot::channel::<()>();
        tasks.spawn("task", async move {
            let _alive = alive;
            pending::<()>().await;
        });
        let (before, after) = oneshot::channel();
        tasks.spawn("task", async move {
            let _before = before.send(());
            panic!("as it was told");
        });
        after.await.expect("it runs");
        drop(tasks);
        assert!(ended.await.is_err(), "it was dropped");
    }

    #[tokio::test]
    async fn nothing_is_begun_after_the_end() {
        let tasks = Tasks::new(&"shop".into(), &Handle::current());
        tasks.end();
        let (begins, began) = oneshot::channel();
        tasks.spawn("task", async move { begins.send(()).unwrap_or_default() });
        assert!(began.await.is_err(), "it was dropped");
    }
}
