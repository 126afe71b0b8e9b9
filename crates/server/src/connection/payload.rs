//! The body of a request, read from the connection as far as somebody asks for it.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_http::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::Stream;

use super::Connection;
use crate::connections::Phase;

/// What a client that asks waits for before it sends the body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The body of a request. It is over when that is answered, whoever holds it.
pub(super) struct BodyStream {
    connection: Rc<Connection>,
    request: u64,
    expects_continue: bool,
}

impl BodyStream {
    pub(super) fn new(connection: Rc<Connection>, expects_continue: bool) -> Self {
        let request = connection.buffers.borrow().requests;
        Self { connection, request, expects_continue }
    }
}

impl Stream for BodyStream {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let connection = Rc::clone(&self.connection);
            let decoded = connection.buffers.borrow_mut().decode_body_of(self.request);
            match decoded {
                Ok(None) => {}
                Ok(Some(None)) => {
                    connection.slot.set_phase(Phase::Handler);
                    return Poll::Ready(None);
                }
                Ok(Some(Some(chunk))) => return Poll::Ready(Some(Ok(chunk))),
                Err(_) => return Poll::Ready(Some(Err(PayloadError::EncodingCorrupted))),
            }
            if std::mem::take(&mut self.expects_continue) {
                connection.buffers.borrow_mut().outgoing.extend_from_slice(CONTINUE);
            }
            match ready!(connection.poll_receive(cx)) {
                Ok(0) => return Poll::Ready(Some(Err(PayloadError::Incomplete(None)))),
                Ok(_) => {}
                Err(_) if connection.slot.reset_if_late() => {
                    let late = io::ErrorKind::TimedOut.into();
                    return Poll::Ready(Some(Err(PayloadError::Io(late))));
                }
                Err(error) => return Poll::Ready(Some(Err(PayloadError::Io(error)))),
            }
        }
    }
}

impl Connection {
    /// Receives some more of the body, once the other side was told to send it.
    fn poll_receive(&self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if !self.buffers.borrow().outgoing.is_empty() {
            ready!(self.poll_flush(cx))?;
        }
        self.slot.set_phase(Phase::Body);
        self.poll_fill(cx)
    }
}
