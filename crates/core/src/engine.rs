//! What all accounts share: the chain, the order of messages, the other instances, the outbox.

use std::sync::Arc;

use tokio::runtime::Handle;
use wxbot_sdk::clock::Clock;
use wxbot_sdk::context::Context;
use wxbot_sdk::job::JobSignal;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::Store;

use crate::chain::Chain;
use crate::dialogs::{DialogStore, MessageDialogs};
use crate::journal::{Journal, JournalEvent};
use crate::late::sender::Sender;
use crate::log_throttle::SumUp;
use crate::once::instances::Instances;
use crate::once::order::Order;
use crate::shutdown::Shutdown;

/// What the work on a message needs, whichever account it came to.
pub(crate) struct Engine {
    pub(crate) chain: Chain,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) dialogs: DialogStore,
    pub(crate) order: Arc<Order>,
    /// The other instances, where there may be any.
    pub(crate) instances: Option<Instances>,
    pub(crate) late: Sender,
    /// Where work goes on that nobody waits for.
    pub(crate) tasks: Handle,
    pub(crate) journal: Arc<Journal>,
    /// Told of jobs that are added.
    pub(crate) job_signal: JobSignal,
    pub(crate) clock: Clock,
    /// Which instance of the bot this is.
    pub(crate) instance: String,
    pub(crate) shutdown: Shutdown,
}

impl Engine {
    /// Asks the chain, and tells what came of it.
    pub(crate) async fn ask(
        &self,
        ctx: Context,
        dialogs: Option<MessageDialogs<'_>>,
    ) -> Vec<Reply> {
        let incoming = Arc::clone(ctx.incoming());
        let outcome = self.chain.ask(ctx, dialogs).await;
        self.journal.record(JournalEvent::Asked {
            incoming: &incoming,
            replies: &outcome.replies,
            trace: &outcome.trace,
        });
        outcome.replies
    }
}

impl SumUp for Engine {
    fn sum_up(&self) {
        self.chain.sum_up();
        self.late.sum_up();
    }
}
