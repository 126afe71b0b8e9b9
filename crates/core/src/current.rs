//! Which message the running code is about, so that every log line can say so.
//!
//! A `tracing` span would do the same, but making one costs as much as parsing the message, and
//! nearly all messages log nothing. So only a pointer is passed along, and read when a line is
//! written.

use std::future::Future;
use std::sync::Arc;

use wxbot_sdk::context::Incoming;
use wxbot_sdk::redact::Short;

tokio::task_local! {
    static CURRENT: Arc<Incoming>;
}

/// Work that is about a message.
pub(crate) fn scope<W: Future>(
    incoming: &Arc<Incoming>,
    work: W,
) -> impl Future<Output = W::Output> + use<W> {
    CURRENT.scope(Arc::clone(incoming), work)
}

/// What a log line says about its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFields {
    /// The account's id in `bot.toml`.
    pub account: String,
    /// The openid, shortened.
    pub openid: String,
    /// The message's id; events have none.
    pub msg_id: Option<u64>,
    /// The kind of message, or the event's name.
    pub kind: String,
}

/// The message that the running code is about, if it is about one.
pub fn log_fields() -> Option<LogFields> {
    let fields = |incoming: &Arc<Incoming>| {
        let message = &incoming.message;
        let kind = message.event().map_or(message.content.kind(), |event| event.name());
        LogFields {
            account: incoming.account.to_string(),
            openid: Short(&message.openid).to_string(),
            msg_id: message.msg_id,
            kind: kind.to_owned(),
        }
    };
    CURRENT.try_with(fields).ok()
}
