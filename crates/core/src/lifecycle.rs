//! When instances of plugins begin and end what they do apart from messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio::time::timeout;
use wxbot_sdk::instance::{AccountHandle, InstanceContext, InstanceParts};
use wxbot_sdk::plugin::Handler;
use wxbot_sdk::tasks::{Tasks, unpanicked};

use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;

/// At a graceful shutdown all instances together have so long.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// Every instance of the chain.
pub(crate) struct Lifecycle {
    instances: Vec<Instance>,
    runtime: Handle,
    is_started: AtomicBool,
}

/// One entry of the chain.
struct Instance {
    handler: Arc<dyn Handler>,
    context: InstanceContext,
    tasks: Arc<Tasks>,
}

impl Lifecycle {
    pub(crate) fn new(engine: &Engine, accounts: &[Arc<AccountRuntime>]) -> Self {
        let accounts = accounts.iter().map(|account| AccountHandle {
            id: Arc::clone(account.id()),
            api: Arc::clone(account.api()),
            messenger: Arc::clone(account.messenger()),
        });
        let accounts: Arc<[_]> = accounts.collect();
        let instances = engine.chain.links().map(|link| {
            let id: Arc<str> = link.id().into();
            let tasks = Arc::new(Tasks::new(&id, &engine.tasks));
            let (accounts, store) = (Arc::clone(&accounts), Arc::clone(&engine.store));
            let parts = InstanceParts { link: id, accounts, store, clock: engine.clock };
            let context = InstanceContext::new(parts, &tasks);
            Instance { handler: Arc::clone(link.handler()), context, tasks }
        });
        let (instances, runtime) = (instances.collect(), engine.tasks.clone());
        Self { instances, runtime, is_started: AtomicBool::new(false) }
    }

    /// Starts every instance, once. Nobody waits for it.
    pub(crate) fn start(&self) {
        if !self.is_started.swap(true, Ordering::SeqCst) {
            self.instances.iter().for_each(Instance::start);
        }
    }

    /// Stops every instance that was started, and ends its tasks.
    pub(crate) async fn stop(&self) {
        if self.is_started.swap(false, Ordering::SeqCst) {
            join_all(self.instances.iter().map(|instance| instance.stop(&self.runtime))).await;
        }
    }
}

impl Instance {
    fn start(&self) {
        let (handler, context) = (Arc::clone(&self.handler), self.context.clone());
        self.tasks.spawn("start", async move {
            if let Err(error) = handler.start(&context).await {
                tracing::error!(link = context.link(), %error, "a plugin did not start");
            }
        });
    }

    /// As a task of its own: what blocks in there is left behind.
    async fn stop(&self, runtime: &Handle) {
        let (handler, context) = (Arc::clone(&self.handler), self.context.clone());
        let stopping = runtime.spawn(async move { unpanicked(handler.stop(&context)).await });
        let abort = stopping.abort_handle();
        let why = match timeout(STOP_WITHIN, stopping).await {
            Ok(Ok(Ok(Ok(())))) => None,
            Ok(Ok(Ok(Err(error)))) => Some(error.to_string()),
            Ok(Ok(Err(_)) | Err(_)) => Some("it panicked".to_owned()),
            Err(_) => Some(format!("it takes longer than {STOP_WITHIN:?}")),
        };
        abort.abort();
        self.tasks.end();
        if let Some(why) = why {
            tracing::error!(link = self.context.link(), why, "a plugin did not stop properly");
        }
    }
}
