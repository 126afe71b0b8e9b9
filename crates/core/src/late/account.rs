//! What late answers of one account have in common.

use tokio::sync::Semaphore;

use super::access::Access;
use super::settings::LateSettings;

/// As many as the client calls WeChat at once: what waits for its turn is not being sent yet.
const MAX_SENDING: usize = 16;

/// How late answers of one account are given.
pub(crate) struct LateAccount {
    pub(crate) settings: LateSettings,
    pub(crate) access: Access,
    /// Limits how many are sent at once.
    pub(super) sending: Semaphore,
}

impl LateAccount {
    pub(crate) fn new(settings: LateSettings, access: Access) -> Self {
        Self { settings, access, sending: Semaphore::new(MAX_SENDING) }
    }
}
