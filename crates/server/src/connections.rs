//! The connections of one worker: how many there are, and which of them have to leave.
//!
//! No connection has a timer. One task looks at all of them a few times a second and dismisses those
//! that waited too long; a new one for which there is no place takes that of whoever waited longest.

mod slot;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_server::GracefulShutdownSignal;
use tokio::sync::Notify;
use tokio::time::sleep;

pub(crate) use self::slot::{BODY_DEADLINE, Phase, Slot};
use self::slot::{Dismissal, Waiting};

/// How often it is looked who waits too long.
const SWEEP: Duration = Duration::from_millis(250);
/// The same while there are too many.
const CROWDED_SWEEP: Duration = Duration::from_millis(20);
/// Where room has to be made, it is made for one in so many connections at once.
const ROOM: usize = 16;
/// How often it is logged that there is no place.
const CROWDED_LOGGED: Duration = Duration::from_secs(60);

/// All connections of one worker.
pub(crate) struct Connections {
    most: usize,
    waiting: RefCell<BTreeMap<u64, Rc<Waiting>>>,
    next_id: Cell<u64>,
    is_stopping: Cell<bool>,
    /// There are too many, and not enough of them may leave yet.
    crowded: Notify,
    crowded_logged: Cell<Option<Instant>>,
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

    /// Gives a new connection its place.
    pub(crate) fn admit(self: &Rc<Self>) -> Slot {
        if self.waiting.borrow().len() >= self.most {
            self.make_room();
        }
        let waiting = Rc::new(Waiting::new());
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        self.waiting.borrow_mut().insert(id, Rc::clone(&waiting));
        Slot::new(id, waiting, Rc::clone(self))
    }

    /// A connection is over.
    fn release(&self, id: u64) {
        self.waiting.borrow_mut().remove(&id);
    }

    /// Whether the server stops, so that no other request may follow.
    fn is_stopping(&self) -> bool {
        self.is_stopping.get()
    }

    /// Dismisses whoever waits too long, and everybody who is idle when the server stops.
    pub(crate) async fn watch(self: Rc<Self>, stopping: GracefulShutdownSignal) {
        let sweep = async {
            loop {
                tokio::select! {
                    () = sleep(SWEEP) => {}
                    () = self.crowded.notified() => sleep(CROWDED_SWEEP).await,
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
        let all = self.waiting.borrow();
        let late = all.values().filter(|one| one.is_late(now));
        late.for_each(|waiting| waiting.dismiss(Dismissal::Late));
    }

    fn stop(&self) {
        self.is_stopping.set(true);
        let all = self.waiting.borrow();
        let idle = all.values().filter(|one| one.has_no_request());
        idle.for_each(|waiting| waiting.dismiss(Dismissal::Stopping));
    }

    /// Where there is no place for one more, those leave who have their answer and, after them, those
    /// who wait longest, unless they wait for us.
    fn make_room(&self) {
        let all = self.waiting.borrow();
        let staying = all.values().filter(|one| !one.is_dismissed()).count();
        if staying < self.most {
            return;
        }
        self.log_crowd();
        let now = Instant::now();
        let mut waiting: Vec<_> = all.values().filter(|one| one.may_leave(now)).collect();
        let wanted = staying - self.most + self.most.div_ceil(ROOM);
        if waiting.len() < wanted {
            self.crowded.notify_one();
        }
        waiting.sort_unstable_by_key(|one| one.rank());
        waiting.iter().take(wanted).for_each(|one| one.dismiss(Dismissal::Crowded));
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
