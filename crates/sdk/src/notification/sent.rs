//! What is kept of a notification that was sent, until its outcome comes.

use serde::{Deserialize, Serialize};

use super::kind::NotificationKind;
use crate::store::record::Record;

/// WeChat took a notification; whether it arrived follows as an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// What was sent.
    pub kind: NotificationKind,
    /// What the event names it by, where WeChat said so; for subscription notifications it does not.
    pub msg_id: Option<u64>,
}

/// A notification that was sent with this bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentNotification {
    /// What it was.
    pub kind: NotificationKind,
    /// Its template.
    pub template_id: String,
    /// What the sender called it.
    pub reference: Option<String>,
    /// When it was sent, in Unix seconds.
    pub at: u64,
}

impl Record for SentNotification {
    const NAME: &'static str = "notification";
    const VERSION: u32 = 1;
}

impl SentNotification {
    /// Under which name one is kept, among those to a follower. Where WeChat gave no id, it is the
    /// last one with its template.
    pub fn name(msg_id: Option<u64>, template_id: &str) -> String {
        msg_id.map_or_else(|| format!("template {template_id}"), |id| id.to_string())
    }
}
