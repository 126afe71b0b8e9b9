//! The place of one connection: what it waits for, and whether it may go on.

use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use super::places::Places;
use super::waiting::{Dismissal, Phase, Waiting};

/// The place of one connection, until it is dropped.
pub(crate) struct Slot {
    id: u64,
    waiting: Rc<Waiting>,
    places: Rc<Places>,
}

impl Slot {
    /// Takes a place.
    pub(super) fn new(places: Rc<Places>) -> Self {
        let waiting = Rc::new(Waiting::new());
        let id = places.take(Rc::clone(&waiting));
        Self { id, waiting, places }
    }

    /// The connection waits for something else now.
    pub(crate) fn set_phase(&self, phase: Phase) {
        if self.waiting.phase.replace(phase) != phase {
            self.waiting.since.set(Instant::now());
            self.waiting.was_spared.set(false);
        }
    }

    /// What the connection waits for.
    pub(crate) fn phase(&self) -> Phase {
        self.waiting.phase.get()
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
        self.places.is_stopping.get()
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
        self.places.release(self.id);
    }
}
