//! The connections of one worker: how many there are, and what each of them waits for.
//!
//! No connection has a timer. One task looks at all of them a few times a second and dismisses those
//! that waited too long; a new one for which there is no place takes that of whoever waited longest.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use actix_server::GracefulShutdownSignal;
use tokio::sync::Notify;
use tokio::time::sleep;

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
/// How often it is looked who waits too long.
const SWEEP: Duration = Duration::from_millis(250);
/// A new connection has this time to say what it wants, however many come.
const GRACE: Duration = Duration::from_millis(200);
/// Where room has to be made, it is made for one in so many connections at once.
const ROOM: usize = 16;
/// How often it is logged that there is no place.
const CROWDED_LOGGED: Duration = Duration::from_secs(60);

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
enum Dismissal {
    /// It waited too long.
    Late,
    /// Somebody else takes its place.
    Crowded,
    /// The server stops.
    Stopping,
}

/// All connections of one worker.
pub(crate) struct Connections {
    most: usize,
    waiting: RefCell<BTreeMap<u64, Rc<Waiting>>>,
    next_id: Cell<u64>,
    is_stopping: Cell<bool>,
    /// There are too many, and none may be dismissed yet.
    crowded: Notify,
    crowded_logged: Cell<Option<Instant>>,
}

/// What one connection waits for.
struct Waiting {
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

impl Connections {
    /// So many at most; a few more while those that were dismissed leave.
    pub(crate) fn new(most: usize) -> Rc<Self> {
        Rc::new(Self {
            most,
            waiting: RefCell::default(),
            next_id: Cell::default(),
            is_stopping: Cell::default(),
            crowded: Notify::new(),
            crowded_logged: Cell::default(),
        })
    }

    /// Makes a place for a new connection.
    pub(crate) fn enter(self: &Rc<Self>) -> Slot {
        if self.waiting.borrow().len() >= self.most {
            self.make_room();
        }
        let waiting = Rc::new(Waiting {
            phase: Cell::new(Phase::Head),
            since: Cell::new(Instant::now()),
            dismissal: Cell::new(None),
            was_spared: Cell::new(false),
            waker: RefCell::default(),
        });
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.waiting.borrow_mut().insert(id, Rc::clone(&waiting));
        Slot { id, waiting, connections: Rc::clone(self) }
    }

    /// Dismisses whoever waits too long, and everybody who is idle when the server stops.
    pub(crate) async fn watch(self: Rc<Self>, stopping: GracefulShutdownSignal) {
        let sweep = async {
            loop {
                tokio::select! {
                    () = sleep(SWEEP) => {}
                    () = self.crowded.notified() => sleep(GRACE).await,
                }
                self.dismiss_late();
                self.make_room();
            }
        };
        let stop = async {
            stopping.notified().await;
            self.stop();
            std::future::pending::<()>().await;
        };
        futures_util::join!(sweep, stop);
    }

    fn dismiss_late(&self) {
        let now = Instant::now();
        for waiting in self.waiting.borrow().values() {
            let deadline = waiting.phase.get().deadline();
            if deadline.is_some_and(|deadline| waiting.waited(now) > deadline) {
                waiting.dismiss(Dismissal::Late);
            }
        }
    }

    fn stop(&self) {
        self.is_stopping.set(true);
        let all = self.waiting.borrow();
        let idle = all.values().filter(|one| matches!(one.phase.get(), Phase::Idle | Phase::Head));
        idle.for_each(|waiting| waiting.dismiss(Dismissal::Stopping));
    }

    /// Where there is no place for one more, those who wait longest leave, unless they wait for us.
    fn make_room(&self) {
        let all = self.waiting.borrow();
        let staying = all.values().filter(|one| one.dismissal.get().is_none()).count();
        if staying < self.most {
            return;
        }
        self.log_crowd();
        let now = Instant::now();
        let mut waiting: Vec<_> = all.values().filter(|one| one.may_be_dismissed(now)).collect();
        waiting.sort_unstable_by_key(|one| one.since.get());
        waiting.truncate(staying - self.most + self.most.div_ceil(ROOM));
        if waiting.is_empty() {
            self.crowded.notify_one();
        }
        waiting.iter().for_each(|longest| longest.dismiss(Dismissal::Crowded));
    }

    fn log_crowd(&self) {
        let is_logged = |at: Instant| at.elapsed() < CROWDED_LOGGED;
        if !self.crowded_logged.get().is_some_and(is_logged) {
            self.crowded_logged.set(Some(Instant::now()));
            let connections = self.most;
            tracing::warn!(connections, "too many connections: those that wait longest are closed");
        }
    }
}

impl Waiting {
    fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since.get())
    }

    /// It does wait, not for us, and had the time to say something.
    fn may_be_dismissed(&self, now: Instant) -> bool {
        self.phase.get() != Phase::Handler
            && self.waker.borrow().is_some()
            && self.dismissal.get().is_none()
            && self.waited(now) > GRACE
    }

    fn dismiss(&self, dismissal: Dismissal) {
        if self.dismissal.get().is_none() {
            self.dismissal.set(Some(dismissal));
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Slot {
    /// The connection waits for something else now.
    pub(crate) fn enter(&self, phase: Phase) {
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

    /// Whether it was dismissed because it waited too long; once this is asked, it may tell why.
    pub(crate) fn was_late(&self) -> bool {
        let was_late = self.waiting.dismissal.get() == Some(Dismissal::Late);
        if was_late {
            self.waiting.dismissal.set(None);
            self.enter(Phase::Handler);
        }
        was_late
    }

    /// Whether the server stops, so that no other request may follow.
    pub(crate) fn is_last(&self) -> bool {
        self.connections.is_stopping.get()
    }

    /// Waits until the connection is dismissed.
    pub(crate) fn dismissal(&self) -> impl Future<Output = ()> {
        std::future::poll_fn(|cx| match self.check() {
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
        self.connections.waiting.borrow_mut().remove(&self.id);
    }
}
