//! The connections of one worker: how many there are, and which of them have to leave.
//!
//! No connection has a timer. One task looks at all of them a few times a second and dismisses those
//! that waited too long; a new one for which there is no place takes that of whoever waited longest.

mod places;
mod slot;
mod waiting;

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_server::GracefulShutdownSignal;
use tokio::sync::Notify;
use tokio::time::sleep;

use self::places::Places;
pub(crate) use self::slot::Slot;
use self::waiting::Dismissal;
pub(crate) use self::waiting::{BODY_DEADLINE, Phase};

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
    places: Rc<Places>,
    /// There are too many, and not enough of them may leave yet.
    crowded: Notify,
    crowded_logged: Cell<Option<Instant>>,
}

impl Connections {
    /// The most there may be; briefly a few more, while those that were dismissed leave.
    pub(crate) fn new(most: usize) -> Rc<Self> {
        Rc::new(Self {
            most,
            places: Rc::default(),
            crowded: Notify::new(),
            crowded_logged: Cell::default(),
        })
    }

    /// Gives a new connection its place.
    pub(crate) fn admit(&self) -> Slot {
        if self.places.waiting.borrow().len() >= self.most {
            self.make_room();
        }
        Slot::new(Rc::clone(&self.places))
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
        let all = self.places.waiting.borrow();
        let late = all.values().filter(|one| one.is_late(now));
        late.for_each(|waiting| waiting.dismiss(Dismissal::Late));
    }

    fn stop(&self) {
        self.places.is_stopping.set(true);
        let all = self.places.waiting.borrow();
        let idle = all.values().filter(|one| one.has_no_request());
        idle.for_each(|waiting| waiting.dismiss(Dismissal::Stopping));
    }

    /// Where there is no place for one more, those leave who have their answer and, after them, those
    /// who wait longest, unless they wait for us.
    fn make_room(&self) {
        let all = self.places.waiting.borrow();
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
