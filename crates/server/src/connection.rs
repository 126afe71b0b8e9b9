//! One connection: its requests one after the other, each within deadlines and bounds.
//!
//! actix-http has a loop of its own, which this one replaces: that one reads on forever when a
//! chunked request was refused, takes in pipelined requests while nobody reads the answers, and has
//! a deadline for the first head only. HTTP itself is read and written by actix-http's codec.

mod buffers;
mod payload;
mod wire;

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::rc::Rc;

use actix_http::body::MessageBody;
use actix_http::error::ParseError;
use actix_http::{ConnectionType, Payload, Request, Response, ServiceConfig, StatusCode};
use actix_web::rt::net::TcpStream;
use tokio::task::yield_now;

use self::buffers::Buffers;
use self::payload::BodyStream;
use self::wire::Wire;
use crate::connections::{Phase, Slot};
use crate::handler::Handler;

/// A response is sent when so much of it is there.
const MOST_UNSENT: usize = 32 * 1024;
/// So much is read of what follows the last answer, so that the sender gets to read it: closing a
/// socket with something in it takes the answer back.
const MOST_REST: usize = 64 * 1024;

/// One connection.
struct Connection {
    wire: Rc<Wire>,
}

/// What comes next on a connection.
enum Next {
    Request(Request),
    /// What is no request, and how that is answered.
    Malformed(StatusCode),
    /// The other side has nothing more to ask.
    Over,
}

/// Answers requests until one side has enough.
pub(crate) async fn serve(
    stream: TcpStream,
    slot: Slot,
    config: ServiceConfig,
    handler: Rc<impl Handler>,
) {
    let wire = Rc::new(Wire::new(slot, Buffers::new(stream, config)));
    let connection = Connection { wire };
    // Whoever broke the connection off, or was cut off, hears nothing more.
    let _ = connection.run(&*handler).await;
}

impl Connection {
    async fn run(&self, handler: &impl Handler) -> io::Result<()> {
        loop {
            let response = match self.next().await? {
                Next::Over => return Ok(()),
                Next::Malformed(status) => Response::new(status),
                Next::Request(request) => {
                    // In a box of its own: a connection that waits for a request needs none of it.
                    self.wire.answered(Box::pin(handler.respond(request))).await?
                }
            };
            if !self.respond(response).await? {
                return self.linger().await;
            }
            if !self.wire.buffers.borrow().incoming.is_empty() {
                // Who sends several at once waits behind the other connections for each of them.
                yield_now().await;
            }
        }
    }

    /// Waits for the next request, up to the end of its head.
    async fn next(&self) -> io::Result<Next> {
        loop {
            let head = self.wire.buffers.borrow_mut().decode_head();
            match head {
                Ok(Some(request)) => return Ok(Next::Request(self.with_body(request))),
                Ok(None) => {}
                Err(ParseError::TooLarge) => {
                    return Ok(Next::Malformed(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
                }
                Err(_) => return Ok(Next::Malformed(StatusCode::BAD_REQUEST)),
            }
            let is_idle = self.wire.buffers.borrow().is_idle();
            self.wire.slot.set_phase(if is_idle { Phase::Idle } else { Phase::Head });
            match self.wire.fill().await {
                Ok(0) => return Ok(Next::Over),
                Ok(_) => {}
                Err(_)
                    if !self.wire.buffers.borrow().incoming.is_empty()
                        && self.wire.slot.reset_if_late() =>
                {
                    return Ok(Next::Malformed(StatusCode::REQUEST_TIMEOUT));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn with_body(&self, mut request: Request) -> Request {
        self.wire.slot.set_phase(Phase::Handler);
        if self.wire.buffers.borrow().body_is_open {
            let expects_continue = request.head().expect();
            let body = BodyStream::new(Rc::clone(&self.wire), expects_continue);
            *request.payload() = Payload::Stream { payload: Box::pin(body) };
        }
        request
    }

    /// Sends a response; returns whether another request may follow. None does behind a refusal, or
    /// where the rest of a body would have to be read first.
    async fn respond<B: MessageBody>(&self, response: Response<B>) -> io::Result<bool> {
        let (mut head, body) = response.into_parts();
        let is_refusal = head.status().is_client_error() || head.status().is_server_error();
        if is_refusal || self.wire.buffers.borrow_mut().body_is_left() || self.wire.slot.is_last() {
            head.head_mut().set_connection_type(ConnectionType::Close);
        }
        self.wire.buffers.borrow_mut().encode_head(head, body.size())?;
        self.send_body(body).await?;
        self.wire.slot.set_phase(Phase::Handler);
        Ok(self.wire.buffers.borrow().is_kept_alive())
    }

    async fn send_body(&self, body: impl MessageBody) -> io::Result<()> {
        let mut body = pin!(body);
        while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
            let chunk = chunk.map_err(|error| io::Error::other(error.into().to_string()))?;
            self.wire.buffers.borrow_mut().encode_chunk(Some(chunk))?;
            if self.wire.buffers.borrow().outgoing.len() >= MOST_UNSENT {
                self.wire.flush().await?;
                // The next piece has its own time.
                self.wire.slot.set_phase(Phase::Handler);
            }
        }
        self.wire.buffers.borrow_mut().encode_chunk(None)?;
        self.wire.flush().await
    }

    /// Gives the other side a moment to read the last answer.
    async fn linger(&self) -> io::Result<()> {
        self.wire.slot.set_phase(Phase::Linger);
        poll_fn(|cx| self.wire.buffers.borrow_mut().poll_shutdown(cx)).await?;
        let mut rest = 0;
        while rest < MOST_REST {
            self.wire.buffers.borrow_mut().incoming.clear();
            match self.wire.fill().await? {
                0 => return Ok(()),
                read => rest += read,
            }
        }
        self.wire.slot.dismissal().await;
        Ok(())
    }
}
