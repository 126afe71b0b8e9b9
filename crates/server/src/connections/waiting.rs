//! What a connection waits for, since when, and how long it may.

use std::cell::{Cell, RefCell};
use std::task::Waker;
use std::time::{Duration, Instant};

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
    /// The same, but it will hardly be read: the other side sends nothing more.
    HungUp,
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
            Self::Handler | Self::HungUp => None,
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
    pub(super) phase: Cell<Phase>,
    pub(super) since: Cell<Instant>,
    pub(super) dismissal: Cell<Option<Dismissal>>,
    /// It was dismissed before, and had something to say.
    pub(super) was_spared: Cell<bool>,
    pub(super) waker: RefCell<Option<Waker>>,
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
            Phase::Linger | Phase::Idle | Phase::HungUp => true,
            Phase::Head | Phase::Body | Phase::Write => self.waited(now) > GRACE,
            Phase::Handler => false,
        };
        may_leave && self.waker.borrow().is_some() && !self.is_dismissed()
    }

    /// Who leaves first: whoever has nothing to expect, and then whoever has waited longest.
    pub(super) fn rank(&self) -> (u8, Instant) {
        let rank = match self.phase.get() {
            Phase::Linger => 0,
            Phase::HungUp => 1,
            Phase::Idle => 2,
            Phase::Head | Phase::Body | Phase::Handler | Phase::Write => 3,
        };
        (rank, self.since.get())
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
