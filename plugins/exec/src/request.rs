//! A line for a process, and what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use wxbot_sdk::external::Answer;

use crate::error::CallError;

/// Lines that are answers to one request: one, after some that say `later`.
const LINES: usize = 4;

/// A line for the process, and where its answers go.
pub(crate) struct Request {
    pub(crate) id: u64,
    pub(crate) line: Vec<u8>,
    pub(crate) answers: mpsc::Sender<Result<Answer, CallError>>,
}

/// The answers to one request; whoever drops them waits no longer.
pub(crate) struct Answers {
    receiver: mpsc::Receiver<Result<Answer, CallError>>,
    load: Arc<AtomicUsize>,
}

impl Request {
    /// With whoever waits counted in `load`.
    pub(crate) fn new(id: u64, line: Vec<u8>, load: &Arc<AtomicUsize>) -> (Self, Answers) {
        let (answers, receiver) = mpsc::channel(LINES);
        load.fetch_add(1, Ordering::Relaxed);
        (Self { id, line, answers }, Answers { receiver, load: Arc::clone(load) })
    }
}

impl Answers {
    pub(crate) async fn next(&mut self) -> Result<Answer, CallError> {
        let next = self.receiver.recv().await;
        next.unwrap_or_else(|| Err(CallError::Ended("the bot is stopping".into())))
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.load.fetch_sub(1, Ordering::Relaxed);
    }
}
