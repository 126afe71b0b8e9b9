//! Why a process did not answer.

use std::time::Duration;

use tokio::time::error::Elapsed;
use wxbot_sdk::external::{AnswerError, MAX_REQUEST_BYTES};

/// What became of a request instead of an answer. Nothing in it is from a message, as long as the
/// process writes none to stderr.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CallError {
    /// It has to be started again first.
    #[error("not asked: {why}; it is started again in {:.1} s", retry_in.as_secs_f64())]
    Down {
        /// How it ended, or why it did not start.
        why: String,
        /// When that is.
        retry_in: Duration,
    },
    /// While it was asked.
    #[error("no answer: {0}")]
    Ended(String),
    /// It still may, but nobody waits any more.
    #[error(
        "the process did not answer in time (`time_limit`); does it flush each line, and does its \
         answer have the `id`?"
    )]
    TimedOut,
    /// It answered something else.
    #[error("the answer: {0}")]
    NoAnswer(AnswerError),
    /// Its pipe is full.
    #[error("not asked: the process does not read its standard input")]
    NotReading,
    /// Not sent.
    #[error("the message has more than {MAX_REQUEST_BYTES} bytes as a line")]
    RequestTooLong,
    /// Not sent.
    #[error("not asked: all processes are busy (`processes`, `concurrency`)")]
    Busy,
}

impl From<Elapsed> for CallError {
    fn from(_: Elapsed) -> Self {
        Self::TimedOut
    }
}
