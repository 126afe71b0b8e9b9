//! What a bot does apart from messages, as tasks that end with it.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::account_runtime::AccountRuntime;
use crate::engine::Engine;
use crate::work::outbox_worker::OutboxWorker;
use crate::work::replay_log::ReplayLog;

/// The tasks; dropped, they end.
pub(super) struct Background(Vec<JoinHandle<()>>);

impl Background {
    pub(super) fn start(
        engine: &Arc<Engine>,
        accounts: &[Arc<AccountRuntime>],
        replay_log: Option<&Arc<ReplayLog>>,
    ) -> Self {
        let mut tasks = vec![engine.tasks.spawn(OutboxWorker::new(engine, accounts).run())];
        if engine.chain.has_dialogs() {
            tasks.push(engine.tasks.spawn(resume_dialogs(Arc::clone(engine))));
        }
        if engine.instances.is_some() {
            tasks.push(engine.tasks.spawn(send_heartbeats(Arc::clone(engine))));
        }
        if let Some(log) = replay_log {
            tasks.push(engine.tasks.spawn(Arc::clone(log).run()));
        }
        Self(tasks)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

async fn resume_dialogs(engine: Arc<Engine>) {
    engine.dialogs.resume(engine.clock.millis()).await;
}

async fn send_heartbeats(engine: Arc<Engine>) {
    if let Some(instances) = &engine.instances {
        instances.send_heartbeats().await;
    }
}
