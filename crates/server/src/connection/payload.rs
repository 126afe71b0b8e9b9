//! The body of a request, read from the connection as far as somebody asks for it.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_http::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;

use super::wire::Wire;
use crate::connections::Phase;

/// What a client that asks waits for before it sends the body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The body of a request. It is over when that is answered, whoever holds it.
pub(super) struct BodyStream {
    wire: Rc<Wire>,
    request: u64,
    expects_continue: bool,
}

impl BodyStream {
    pub(super) fn new(wire: Rc<Wire>, expects_continue: bool) -> Self {
        let request = wire.buffers.borrow().requests;
        Self { wire, request, expects_continue }
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let wire = Rc::clone(&self.wire);
            let decoded = wire.buffers.borrow_mut().decode_body_of(self.request);
            match decoded {
                Ok(None) => {}
                Ok(Some(None)) => {
                    wire.slot.set_phase(Phase::Handler);
                    return Poll::Ready(None);
                }
                Ok(Some(Some(chunk))) => return Poll::Ready(Some(Ok(chunk))),
                Err(_) => return Poll::Ready(Some(Err(PayloadError::EncodingCorrupted))),
            }
            if std::mem::take(&mut self.expects_continue) {
                wire.buffers.borrow_mut().outgoing.extend_from_slice(CONTINUE);
            }
            match ready!(wire.poll_receive(cx)) {
                Ok(0) => return Poll::Ready(Some(Err(PayloadError::Incomplete(None)))),
                Ok(_) => {}
                Err(_) if wire.slot.reset_if_late() => {
                    let late = io::ErrorKind::TimedOut.into();
                    return Poll::Ready(Some(Err(PayloadError::Io(late))));
                }
                Err(error) => return Poll::Ready(Some(Err(PayloadError::Io(error)))),
            }
        }
    }
}
