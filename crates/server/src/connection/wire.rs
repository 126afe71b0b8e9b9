//! What is received and sent on one connection, and how long that may take.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::buffers::Buffers;
use crate::connections::{Phase, Slot};

/// The buffers of a connection and its place, shared with the body of its request. Waiting is what
/// a connection may be cut off at.
pub(super) struct Wire {
    pub(super) slot: Slot,
    pub(super) buffers: RefCell<Buffers>,
}

impl Wire {
    pub(super) fn new(slot: Slot, buffers: Buffers) -> Self {
        Self { slot, buffers: RefCell::new(buffers) }
    }

    pub(super) async fn fill(&self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    pub(super) async fn flush(&self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Waits for an answer of ours. Who does not wait for it any more may be cut off.
    pub(super) fn answered<T>(
        &self,
        mut answer: Pin<Box<impl Future<Output = T>>>,
    ) -> impl Future<Output = io::Result<T>> {
        poll_fn(move |cx| match answer.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Ok(answer)),
            Poll::Pending => self.poll_cut_off(cx).map(Err),
        })
    }

    fn poll_cut_off(&self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if self.slot.phase() == Phase::Handler {
            ready!(self.buffers.borrow_mut().poll_hang_up(cx));
            self.slot.set_phase(Phase::HungUp);
        }
        if self.slot.phase() != Phase::HungUp {
            return Poll::Pending;
        }
        self.slot.wait(cx);
        self.slot.check().map_or_else(Poll::Ready, |()| Poll::Pending)
    }

    /// Receives some more; 0 is the end.
    fn poll_fill(&self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let filled = self.buffers.borrow_mut().poll_fill(cx);
        match filled {
            Poll::Ready(_) => self.slot.spare()?,
            Poll::Pending => {
                self.slot.check()?;
                self.slot.wait(cx);
            }
        }
        filled
    }

    /// Sends all that is there to be sent.
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.slot.check()?;
        let flushed = self.buffers.borrow_mut().poll_flush(cx);
        if flushed.is_pending() {
            self.slot.set_phase(Phase::Write);
            self.slot.wait(cx);
        }
        flushed
    }

    /// Receives some more of the body, once the other side was told to send it.
    pub(super) fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if !self.buffers.borrow().outgoing.is_empty() {
            ready!(self.poll_flush(cx))?;
        }
        self.slot.set_phase(Phase::Body);
        self.poll_fill(cx)
    }
}
