//! One process of the pool: started, and started again with backoff whenever it ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::child::{self, Child};
use crate::config::Command;
use crate::error::CallError;
use crate::request::{Answers, Request};

/// Requests on their way to the process. What the pool lets through is bounded already.
const QUEUE: usize = 64;
/// Before it is started again: the first time, the second time without an answer in between, and so
/// on.
const BACKOFF: [Duration; 7] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// A handle; the process ends with the last one.
pub(crate) struct Process {
    requests: mpsc::Sender<Request>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Requests that somebody waits for.
    load: Arc<AtomicUsize>,
    down: Mutex<Option<Down>>,
}

/// Why it does not run.
#[derive(Debug, Clone)]
pub(crate) struct Down {
    why: String,
    until: Instant,
}

impl Process {
    /// Starts it as a task of this runtime.
    pub(crate) fn start(command: &Command, link: &str, number: usize) -> Self {
        let (requests, received) = mpsc::channel(QUEUE);
        let state = Arc::new(State::default());
        let supervisor = Supervisor {
            command: command.clone(),
            link: link.to_owned(),
            number,
            requests: received,
            state: Arc::clone(&state),
        };
        tokio::spawn(supervisor.run());
        Self { requests, state }
    }

    /// How many requests it works on.
    pub(crate) fn load(&self) -> usize {
        self.state.load.load(Ordering::Relaxed)
    }

    /// Why it can't be asked now.
    pub(crate) fn is_down(&self) -> Option<Down> {
        self.state.down()
    }

    pub(crate) fn ask(&self, id: u64, line: Vec<u8>) -> Result<Answers, CallError> {
        let (request, answers) = Request::new(id, line, &self.state.load);
        self.requests.try_send(request).map_err(|_| CallError::NotReading)?;
        Ok(answers)
    }
}

impl Down {
    pub(crate) fn retry_in(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    pub(crate) fn error(&self) -> CallError {
        CallError::Down { why: self.why.clone(), retry_in: self.retry_in() }
    }
}

impl State {
    fn down(&self) -> Option<Down> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_down(&self, down: Option<Down>) {
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = down;
    }
}

/// What keeps a process running.
struct Supervisor {
    command: Command,
    link: String,
    number: usize,
    requests: mpsc::Receiver<Request>,
    state: Arc<State>,
}

impl Supervisor {
    async fn run(mut self) {
        let mut failures = 0;
        loop {
            let ended = match Child::start(&self.command, &self.link, self.number) {
                Ok(child) => child.run(&mut self.requests).await,
                Err(error) => child::Ended::failed(error),
            };
            let child::Ended::Failed { why, answered } = ended else { return };
            failures = if answered { 0 } else { failures };
            let retry_in = BACKOFF[failures.min(BACKOFF.len() - 1)];
            failures += 1;
            let (link, number) = (&self.link, self.number);
            tracing::warn!(link, number, why, ?retry_in, "the process is started again");
            let until = Instant::now() + retry_in;
            if !self.refuse_until(Down { why, until }).await {
                return;
            }
        }
    }

    /// Refuses what comes meanwhile; says whether there is anybody who may still ask.
    async fn refuse_until(&mut self, down: Down) -> bool {
        self.state.set_down(Some(down.clone()));
        loop {
            tokio::select! {
                () = sleep_until(down.until) => break,
                request = self.requests.recv() => match request {
                    Some(request) => drop(request.answers.try_send(Err(down.error()))),
                    None => return false,
                },
            }
        }
        self.state.set_down(None);
        true
    }
}
