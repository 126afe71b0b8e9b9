//! The place of one connection: what it waits for, since when, and whether it may go on.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::Connections;

/// How long a request may take to arrive, from its first byte to the end of its head; the first one
/// from the moment somebody connects.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// For the whole body, however it dribbles.
pub(crate) const BODY_DEADLINE: Duration = Duration::from_secs(3);
/// For an answer to be read, or the next piece of it.
const WRITE_DEADLINE: Duration = Duration::from_secs(5);
/// Between an answer and the next request.
const IDLE_DEADLINE: Duration = Duration::from_secs(15);
/// Behind the last answer.
const LINGER_DEADLINE: Duration = Duration::from_secs(1);
/// A new connection has this time to say what it wants, however many come.
const GRACE: Duration = Duration::from_millis(50);

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// For another request, or the end.
    Idle,
    /// For the rest of a head.
    Head,
    /// For the rest of a body.
    Body,
    /// For its answer: the only thing that is ours to do.
    Handler,
    /// For the answer to be read.
    Write,
    /// For the other side to close.
    Linger,
}

impl Phase {
    fn deadline(self) -> Option<Duration> {
        match self {
            Self::Idle => Some(IDLE_DEADLINE),
            Self::Head => Some(HEAD_DEADLINE),
            Self::Body => Some(BODY_DEADLINE),
            Self::Handler => None,
            Self::Write => Some(WRITE_DEADLINE),
            Self::Linger => Some(LINGER_DEADLINE),
        }
    }
}

/// Why a connection may not wait any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dismissal {
    /// It waited too long.
    Late,
    /// Somebody else takes its place.
    Crowded,
    /// The server stops.
    Stopping,
}

/// What one connection waits for.
pub(super) struct Waiting {
    phase: Cell<Phase>,
    since: Cell<Instant>,
    dismissal: Cell<Option<Dismissal>>,
    /// It was dismissed before, and had something to say.
    was_spared: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// The place of one connection, until it is dropped.
pub(crate) struct Slot {
    id: u64,
    waiting: Rc<Waiting>,
    connections: Rc<Connections>,
}

impl Waiting {
    /// For the head of the first request.
    pub(super) fn new() -> Self {
        Self {
            phase: Cell::new(Phase::Head),
            since: Cell::new(Instant::now()),
            dismissal: Cell::new(None),
            was_spared: Cell::new(false),
            waker: RefCell::default(),
        }
    }

    fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since.get())
    }

    /// It waits longer than it may.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.phase.get().deadline().is_some_and(|deadline| self.waited(now) > deadline)
    }

    /// It waits for a request, or the rest of its head.
    pub(super) fn has_no_request(&self) -> bool {
        matches!(self.phase.get(), Phase::Idle | Phase::Head)
    }

    /// It does wait, and for nothing of ours; who has just come has the time to say something.
    pub(super) fn may_leave(&self, now: Instant) -> bool {
        let may_leave = match self.phase.get() {
            Phase::Linger | Phase::Idle => true,
            Phase::Head | Phase::Body | Phase::Write => self.waited(now) > GRACE,
            Phase::Handler => false,
        };
        may_leave && self.waker.borrow().is_some() && !self.is_dismissed()
    }

    /// Who leaves first: whoever has nothing to expect, and then whoever has waited longest.
    pub(super) fn rank(&self) -> (bool, bool, Instant) {
        let phase = self.phase.get();
        (phase != Phase::Linger, phase != Phase::Idle, self.since.get())
    }

    pub(super) fn is_dismissed(&self) -> bool {
        self.dismissal.get().is_some()
    }

    pub(super) fn dismiss(&self, dismissal: Dismissal) {
        if !self.is_dismissed() {
            self.dismissal.set(Some(dismissal));
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Slot {
    pub(super) fn new(id: u64, waiting: Rc<Waiting>, connections: Rc<Connections>) -> Self {
        Self { id, waiting, connections }
    }

    /// The connection waits for something else now.
    pub(crate) fn set_phase(&self, phase: Phase) {
        if self.waiting.phase.replace(phase) != phase {
            self.waiting.since.set(Instant::now());
            self.waiting.was_spared.set(false);
        }
    }

    /// To be woken when the connection is dismissed.
    pub(crate) fn wait(&self, cx: &Context<'_>) {
        let mut waker = self.waiting.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
    }

    /// An error when the connection was dismissed.
    pub(crate) fn check(&self) -> io::Result<()> {
        match self.waiting.dismissal.get() {
            None => Ok(()),
            Some(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// Something came. Unless that took too long, the connection may go on, once in each phase.
    pub(crate) fn spare(&self) -> io::Result<()> {
        let dismissal = self.waiting.dismissal.get();
        if matches!(dismissal, Some(Dismissal::Crowded | Dismissal::Stopping))
            && !self.waiting.was_spared.replace(true)
        {
            self.waiting.dismissal.set(None);
        }
        self.check()
    }

    /// Lets a connection that waited too long say so. Whether it did wait too long.
    pub(crate) fn reset_if_late(&self) -> bool {
        let is_late = self.waiting.dismissal.get() == Some(Dismissal::Late);
        if is_late {
            self.waiting.dismissal.set(None);
            self.set_phase(Phase::Handler);
        }
        is_late
    }

    /// Whether the server stops, so that no other request may follow.
    pub(crate) fn is_last(&self) -> bool {
        self.connections.is_stopping()
    }

    /// Waits until the connection is dismissed.
    pub(crate) fn dismissal(&self) -> impl Future<Output = ()> {
        poll_fn(|cx| match self.check() {
            Ok(()) => {
                self.wait(cx);
                Poll::Pending
            }
            Err(_) => Poll::Ready(()),
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.connections.release(self.id);
    }
}
