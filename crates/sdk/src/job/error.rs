//! What bounds jobs, and why one was not added or not kept.

use crate::store::StoreError;

/// A job is tried so often.
pub const MAX_ATTEMPTS: u32 = 5;
/// An instance may have so many jobs.
pub const MAX_JOBS: u64 = 10_000;
/// What is kept for a job may have so many bytes as JSON.
pub const MAX_PAYLOAD: usize = 16 << 10;

/// Why a job was not added, or not kept.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Some have to be done, or cancelled, before.
    #[error("there are {MAX_JOBS} jobs already")]
    TooMany,
    /// It belongs into the store, and its key into the job.
    #[error("the payload has {bytes} bytes, and a job may have {MAX_PAYLOAD}")]
    TooLarge {
        /// As JSON.
        bytes: usize,
    },
    /// It can't be written as JSON.
    #[error("the payload can't be written as JSON")]
    Payload(#[from] serde_json::Error),
    /// Another instance works on it: whatever this one still does comes twice.
    #[error("another instance works on this job now")]
    LeaseLost,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
