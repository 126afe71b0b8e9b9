//! When instances of plugins begin and end what they do apart from messages.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wxbot_sdk::instance::{AccountHandle, InstanceContext, InstanceParts};
use wxbot_sdk::tasks::{Tasks, unpanicked};

use crate::account_runtime::AccountRuntime;
use crate::chain::{Link, may_block};
use crate::engine::Engine;
use crate::instance::Instance;
use crate::jobs::worker::JobWorker;

/// How long all instances together may take to stop at a graceful shutdown.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Every instance of the chain, and their jobs.
pub(crate) struct Lifecycle {
    instances: Vec<(Arc<Instance>, Arc<Tasks>)>,
    jobs: Arc<JobWorker>,
    worker: OnceLock<JoinHandle<()>>,
    runtime: Handle,
    is_started: AtomicBool,
}

impl Lifecycle {
    pub(crate) fn new(engine: &Engine, accounts: &[Arc<AccountRuntime>]) -> Self {
        let accounts = accounts.iter().map(|account| AccountHandle {
            id: Arc::clone(account.id()),
            api: Arc::clone(account.api()),
            messenger: Arc::clone(account.messenger()),
        });
        let accounts: Arc<[_]> = accounts.collect();
        let links = engine.chain.links().enumerate();
        let instances = links.map(|(place, link)| instance(place, link, engine, &accounts));
        let instances: Vec<_> = instances.collect();
        let all = instances.iter().map(|(instance, _)| Arc::clone(instance)).collect();
        let (jobs, runtime) = (JobWorker::new(engine, all), engine.tasks.clone());
        let (worker, is_started) = (OnceLock::new(), AtomicBool::new(false));
        Self { instances, jobs, worker, runtime, is_started }
    }

    /// Starts every instance, once, in the background.
    pub(crate) fn start(&self) {
        if self.is_started.swap(true, Ordering::SeqCst) {
            return;
        }
        self.instances.iter().for_each(|(instance, tasks)| start(instance, tasks));
        self.worker.get_or_init(|| self.runtime.spawn(Arc::clone(&self.jobs).run()));
    }

    /// From now on no job is begun.
    pub(crate) fn begin_stop(&self) {
        self.jobs.begin_stop();
    }

    /// Stops every instance that was started, and ends its tasks.
    pub(crate) async fn stop(&self) {
        if !self.is_started.swap(false, Ordering::SeqCst) {
            return;
        }
        self.jobs.finish().await;
        let all = self.instances.iter();
        join_all(all.map(|(instance, tasks)| stop(instance, tasks, &self.runtime))).await;
    }
}

impl Drop for Lifecycle {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.get() {
            worker.abort();
        }
    }
}

fn instance(
    place: usize,
    link: &Link,
    engine: &Engine,
    accounts: &Arc<[AccountHandle]>,
) -> (Arc<Instance>, Arc<Tasks>) {
    let id: Arc<str> = link.id().into();
    let tasks = Arc::new(Tasks::new(&id, &engine.tasks));
    let parts = InstanceParts {
        link: id,
        accounts: Arc::clone(accounts),
        store: Arc::clone(&engine.store),
        job_signal: engine.job_signal.clone(),
        clock: engine.clock,
    };
    let (handler, timeout) = (Arc::clone(link.handler()), link.timeout());
    let context = InstanceContext::new(parts, &tasks);
    let schedules = handler.schedules();
    (Arc::new(Instance { place, handler, context, schedules, timeout }), tasks)
}

fn start(instance: &Arc<Instance>, tasks: &Tasks) {
    let (handler, context) = (Arc::clone(&instance.handler), instance.context.clone());
    tasks.spawn("start", async move {
        if let Err(error) = handler.start(&context).await {
            tracing::error!(link = context.link(), %error, "a plugin did not start");
        }
    });
}

/// As a task of its own: what blocks in there is left behind.
async fn stop(instance: &Instance, tasks: &Tasks, runtime: &Handle) {
    let (handler, context) = (Arc::clone(&instance.handler), instance.context.clone());
    let stopping = async move { unpanicked(handler.stop(&context)).await };
    let stopping = runtime.spawn(may_block(stopping, Arc::new(AtomicUsize::new(0))));
    let abort = stopping.abort_handle();
    let why = match timeout(STOP_WITHIN, stopping).await {
        Ok(Ok(Ok(Ok(())))) => None,
        Ok(Ok(Ok(Err(error)))) => Some(error.to_string()),
        Ok(Ok(Err(_)) | Err(_)) => Some("it panicked".to_owned()),
        Err(_) => Some(format!("it takes longer than {STOP_WITHIN:?}")),
    };
    abort.abort();
    tasks.end();
    if let Some(why) = why {
        tracing::error!(link = instance.id(), why, "a plugin did not stop properly");
    }
}
