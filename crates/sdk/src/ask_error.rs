//! Why an entry gave another one no answer.

/// Why another entry that was [asked](crate::context::Context::ask_entry) gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It is not there for this follower, or not now.
    #[error("{0}")]
    Refused(String),
    /// It failed, or had no answer.
    #[error("{0}")]
    Failed(String),
    /// It did not answer within its `timeout`.
    #[error("{0}")]
    TimedOut(String),
}
