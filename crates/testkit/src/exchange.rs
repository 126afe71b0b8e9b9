//! What a test says about an exchange.

use std::time::Duration;

use wxbot_sim::{Exchange, Unseen, Verdict};

/// From the first delivery to the end of the last one.
pub(crate) fn took(exchange: &Exchange) -> Duration {
    let (first, last) = (exchange.deliveries.first(), exchange.deliveries.last());
    let (Some(first), Some(last)) = (first, last) else { return Duration::ZERO };
    Duration::from_millis(last.sent_at - first.sent_at) + last.took
}

/// How an exchange ended, without a name.
pub(crate) fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reply(shown) => shown.bubble().map(ToString::to_string).unwrap_or_default(),
        Verdict::Silence => "(nothing)".into(),
        Verdict::Notice(cause) => format!("(WeChat's notice: {cause})"),
        Verdict::Nowhere(Unseen::Reply(bubble)) => format!("(nowhere to be seen: {bubble})"),
        Verdict::Nowhere(Unseen::Failure(cause)) => format!("(it failed: {cause})"),
    }
}
