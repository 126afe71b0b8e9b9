//! Why an endpoint did not answer. Each says what came and what was expected.

use std::time::Duration;

use tokio::time::error::Elapsed;
use wxbot_sdk::external::{AnswerError, MAX_REQUEST_BYTES};
use wxbot_sdk::store::StoreError;

/// What became of a call instead of an answer. Nothing in it is from a message, and no URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No connection.
    #[error("the endpoint can't be reached: {0}")]
    Unreachable(String),
    /// The connection ended, or what came is not HTTP.
    #[error("the endpoint broke off: {0}")]
    Broken(String),
    /// Nothing, or not all.
    #[error("the endpoint did not answer in time (`time_limit`)")]
    TimedOut,
    /// Not followed, as only the operator's URL is called.
    #[error(
        "expected the status 200 or 204, got the redirect {0}, which is not followed; \
             `url` has to be where it leads"
    )]
    Redirect(u16),
    /// The endpoint says that it failed.
    #[error("expected the status 200 or 204, got {0}")]
    Status(u16),
    /// Compressed, although nobody asked for it.
    #[error("expected an answer without a Content-Encoding, got `{0}`")]
    Encoded(String),
    /// It can't be read.
    #[error("the answer ({content_type}): {problem}")]
    NoAnswer {
        /// What the endpoint says that it is.
        content_type: String,
        /// What is wrong with it.
        problem: AnswerError,
    },
    /// The follower was told to wait for nothing.
    #[error(
        "expected an answer behind the line with `later`, got none, and there is no `callback`"
    )]
    NothingFollowed,
    /// The same.
    #[error("expected an answer by the callback, got none in time (`timeout` of the entry)")]
    NothingPosted,
    /// Nobody knows what became of it.
    #[error("the answer by the callback can't be waited for")]
    CallbackLost(#[from] StoreError),
    /// Not sent.
    #[error("the message has more than {MAX_REQUEST_BYTES} bytes as it would be posted")]
    RequestTooLong,
    /// Not sent.
    #[error("{most} calls are under way already (`concurrency`)")]
    Busy {
        /// So many are allowed.
        most: usize,
    },
    /// Not sent, as the last ones failed.
    #[error("not called: {failures} calls in a row failed; tried again in {} s", retry_in.as_secs())]
    CircuitOpen {
        /// In a row.
        failures: u32,
        /// When one is tried.
        retry_in: Duration,
    },
}

impl From<Elapsed> for CallError {
    fn from(_: Elapsed) -> Self {
        Self::TimedOut
    }
}
