//! What is left of the time for a passive reply.

use std::sync::Arc;
use std::time::Duration;

use crate::reply::Reply;

/// The time in which WeChat takes a passive reply to a message, over all its deliveries.
pub trait ReplyWindow: Send + Sync {
    /// What is left of it; zero when it is over.
    fn remaining(&self) -> Duration;

    /// The answer will take longer: this is said meanwhile. The first notice counts.
    fn announce_late(&self, notice: Reply);
}

/// Of a message that an entry asks another one about: it waits itself, and says so itself.
pub(super) struct AskedWindow(pub(super) Arc<dyn ReplyWindow>);

impl ReplyWindow for AskedWindow {
    fn remaining(&self) -> Duration {
        self.0.remaining()
    }

    fn announce_late(&self, _notice: Reply) {}
}
