//! A thread that does for callers what may take as long as a disk likes, many of them at a time.
//! Nobody waits longer than their patience: the thread may hang, its callers go on.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use wxbot_sdk::store::StoreError;

use crate::condition::{Condition, Part};

/// Jobs that are done together.
const BATCH: usize = 512;
/// Jobs that wait; the next ones wait for room.
const WAITING: usize = 4 * BATCH;
/// The thread is told so often that there is nothing to do.
const IDLE: Duration = Duration::from_secs(1);

/// Hands jobs to a thread.
pub(super) struct Worker<J> {
    queue: Arc<WorkQueue<J>>,
    room: Arc<Semaphore>,
}

/// What waits for the thread, and what it does now.
pub(super) struct WorkQueue<J> {
    part: Part,
    condition: Arc<Condition>,
    patience: Duration,
    state: Mutex<State<J>>,
    /// There is a job, or there will be none.
    more: Condvar,
    /// The thread has ended.
    ended: Condvar,
}

struct State<J> {
    waiting: VecDeque<Waiting<J>>,
    running: Vec<Arc<dyn Caller>>,
    /// When the thread began with what it does; `None` while it waits.
    began: Option<Instant>,
    is_closed: bool,
    has_ended: bool,
}

struct Waiting<J> {
    job: J,
    caller: Arc<dyn Caller>,
    since: Instant,
    _room: OwnedSemaphorePermit,
}

/// What the thread is to do.
pub(super) enum Next<J> {
    Jobs(Vec<J>),
    /// Nobody asks for anything.
    Idle,
    End,
}

/// Somebody who waits for an answer. Whoever gives it first, gives it.
trait Caller: Send + Sync {
    fn give_up(&self, why: &str);
    fn has_given_up(&self) -> bool;
}

/// The place for a caller's answer.
pub(super) struct Slot<T>(Mutex<Option<oneshot::Sender<Result<T, StoreError>>>>);

impl<T> Slot<T> {
    pub(super) fn answer(&self, answer: Result<T, StoreError>) {
        if let Some(caller) = locked(&self.0).take() {
            // A caller that no longer listens knows that it may or may not have happened.
            let _ = caller.send(answer);
        }
    }
}

impl<T: Send> Caller for Slot<T> {
    fn give_up(&self, why: &str) {
        self.answer(Err(StoreError::Unreachable(why.into())));
    }

    fn has_given_up(&self) -> bool {
        locked(&self.0).is_none()
    }
}

impl<J> Worker<J> {
    pub(super) fn new(queue: Arc<WorkQueue<J>>) -> Self {
        Self { queue, room: Arc::new(Semaphore::new(WAITING)) }
    }

    /// Has the thread do a job, which answers into the slot. After the time-out it may still be
    /// done, but only if it was begun.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(Arc<Slot<T>>) -> J,
    ) -> Result<T, StoreError> {
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| has_ended())?;
        let (sender, answer) = oneshot::channel();
        let slot = Arc::new(Slot(Mutex::new(Some(sender))));
        let (job, since) = (job(Arc::clone(&slot)), Instant::now());
        self.queue.push(Waiting { job, caller: slot, since, _room: room })?;
        answer.await.map_err(|_| has_ended())?
    }
}

impl<J> WorkQueue<J> {
    pub(super) fn new(part: Part, condition: Arc<Condition>, patience: Duration) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            running: vec![],
            began: None,
            is_closed: false,
            has_ended: false,
        };
        let (more, ended) = (Condvar::new(), Condvar::new());
        Self { part, condition, patience, state: Mutex::new(state), more, ended }
    }

    fn push(&self, waiting: Waiting<J>) -> Result<(), StoreError> {
        let mut state = locked(&self.state);
        if state.is_closed {
            return Err(has_ended());
        }
        if state.hangs(self.patience) {
            return Err(StoreError::Unreachable(self.hangs().into()));
        }
        state.waiting.push_back(waiting);
        self.more.notify_one();
        Ok(())
    }

    /// The thread's next work; what it did before is done.
    pub(super) fn next(&self) -> Next<J> {
        let mut state = locked(&self.state);
        (state.began, state.running) = (None, vec![]);
        loop {
            if let Some(jobs) = state.begin_batch() {
                return Next::Jobs(jobs);
            }
            if state.is_closed {
                return Next::End;
            }
            let waited = self.more.wait_timeout(state, IDLE);
            let (guard, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state = guard;
            if waited.timed_out() && state.waiting.is_empty() && !state.is_closed {
                state.began = Some(Instant::now());
                return Next::Idle;
            }
        }
    }

    /// The disk has answered: it does not hang, whatever the thread still has to do.
    pub(super) fn disk_answered(&self) {
        locked(&self.state).began = None;
    }

    /// Answers those who have waited too long, whatever the thread does.
    pub(super) fn give_up_on_late(&self) {
        let mut state = locked(&self.state);
        let hangs = state.hangs(self.patience);
        if hangs {
            let why = self.hangs();
            self.condition.degraded(self.part, &why);
            state.running.drain(..).for_each(|caller| caller.give_up(&why));
        }
        let is_late = |waiting: &Waiting<J>| hangs || waiting.since.elapsed() > self.patience;
        while let Some(late) = state.waiting.pop_front_if(|waiting| is_late(waiting)) {
            late.caller.give_up(&self.hangs());
        }
    }

    fn hangs(&self) -> String {
        format!("no answer from the disk within {} ms", self.patience.as_millis())
    }

    /// Takes no more jobs; the thread ends when it has done those that wait.
    pub(super) fn close(&self) {
        locked(&self.state).is_closed = true;
        self.more.notify_one();
    }

    /// The thread is about to end, and holds nothing any more.
    pub(super) fn end(&self) {
        locked(&self.state).has_ended = true;
        self.ended.notify_all();
    }

    /// After [`Self::close`]: waits for the thread, but not longer than for anything else.
    pub(super) fn wait_for_end(&self) -> bool {
        let state = locked(&self.state);
        let is_running = |state: &mut State<J>| !state.has_ended;
        let waited = self.ended.wait_timeout_while(state, self.patience, is_running);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_ended
    }
}

impl<J> State<J> {
    fn hangs(&self, patience: Duration) -> bool {
        self.began.is_some_and(|began| began.elapsed() > patience)
    }

    /// What waits and is still waited for.
    fn begin_batch(&mut self) -> Option<Vec<J>> {
        let count = self.waiting.len().min(BATCH);
        let batch = self.waiting.drain(..count).filter(|waiting| !waiting.caller.has_given_up());
        let (jobs, callers): (Vec<_>, Vec<_>) =
            batch.map(|waiting| (waiting.job, waiting.caller)).unzip();
        if jobs.is_empty() {
            return None;
        }
        (self.began, self.running) = (Some(Instant::now()), callers);
        Some(jobs)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn has_ended() -> StoreError {
    StoreError::Unreachable("the store is closed".into())
}
