//! One entry of the chain, apart from any message.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::instance::InstanceContext;
use wxbot_sdk::plugin::Handler;
use wxbot_sdk::schedule::Schedule;

/// An instance of a plugin.
pub(crate) struct Instance {
    /// Its place in the chain.
    pub(crate) place: usize,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) context: InstanceContext,
    pub(crate) schedules: Vec<Schedule>,
    /// The longest it may take for a message, or for a step of a job.
    pub(crate) timeout: Duration,
}

impl Instance {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        self.context.link()
    }
}
