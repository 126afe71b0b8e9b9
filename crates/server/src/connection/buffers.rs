//! What was received and is not read yet, and what was written and is not sent yet.

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use actix_codec::{AsyncWrite, Decoder, Encoder};
use actix_http::body::BodySize;
use actix_http::error::ParseError;
use actix_http::h1::{Codec, Message, MessageType};
use actix_http::{Request, Response, ServiceConfig};
use actix_web::rt::net::TcpStream;
use actix_web::web::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, ReadBuf};

/// A head is longer only when somebody tries what happens.
const MOST_HEAD: usize = 16 * 1024;
/// Room for what is read at once. Most requests fit.
const ROOM: usize = 4 * 1024;
/// The same for a body that did not come with its head.
const ROOM_FOR_BODY: usize = 16 * 1024;
/// With less room than this, there is made some.
const LEAST_ROOM: usize = 1024;
/// A buffer that grew beyond this is not kept.
const MOST_KEPT: usize = 64 * 1024;

/// A socket with its codec.
pub(super) struct Buffers {
    stream: TcpStream,
    peer: Option<SocketAddr>,
    codec: Codec,
    pub(super) incoming: BytesMut,
    pub(super) outgoing: BytesMut,
    /// The request has a body, and its end was not read yet.
    pub(super) body_is_open: bool,
    /// Requests so far.
    pub(super) requests: u64,
}

impl Buffers {
    pub(super) fn new(stream: TcpStream, config: ServiceConfig) -> Self {
        Self {
            peer: stream.peer_addr().ok(),
            stream,
            codec: Codec::new(config),
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            body_is_open: false,
            requests: 0,
        }
    }

    /// The next request, once its head is whole.
    pub(super) fn decode_head(&mut self) -> Result<Option<Request>, ParseError> {
        if self.incoming.is_empty() {
            return Ok(None);
        }
        match self.codec.decode(&mut self.incoming)? {
            Some(Message::Item(mut request)) => {
                request.head_mut().peer_addr = self.peer;
                self.body_is_open = self.codec.message_type() != MessageType::None;
                self.requests += 1;
                Ok(Some(request))
            }
            // The body of the last request was read to its end, or none would follow.
            Some(Message::Chunk(_)) => Err(ParseError::Incomplete),
            None if self.incoming.len() < MOST_HEAD => Ok(None),
            None if self.incoming.contains(&b'\n') => Err(ParseError::TooLarge),
            // Not even its first line.
            None => Err(ParseError::Incomplete),
        }
    }

    /// The next piece of a request's body, as far as it was received: `Some(None)` is its end.
    pub(super) fn decode_body_of(
        &mut self,
        request: u64,
    ) -> Result<Option<Option<Bytes>>, ParseError> {
        if request == self.requests && self.body_is_open {
            self.decode_body()
        } else {
            Ok(Some(None))
        }
    }

    fn decode_body(&mut self) -> Result<Option<Option<Bytes>>, ParseError> {
        match self.codec.decode(&mut self.incoming)? {
            Some(Message::Chunk(chunk)) => {
                self.body_is_open = chunk.is_some();
                Ok(Some(chunk))
            }
            Some(Message::Item(_)) => Err(ParseError::Incomplete),
            None => Ok(None),
        }
    }

    /// Whether some of the body is still to come. What is there already is skipped.
    pub(super) fn body_is_left(&mut self) -> bool {
        while self.body_is_open && matches!(self.decode_body(), Ok(Some(_))) {}
        self.body_is_open
    }

    /// Nothing of another request is there.
    pub(super) fn is_idle(&self) -> bool {
        self.requests > 0 && self.incoming.is_empty()
    }

    pub(super) fn is_kept_alive(&self) -> bool {
        self.codec.keep_alive()
    }

    pub(super) fn encode_head(&mut self, head: Response<()>, body: BodySize) -> io::Result<()> {
        self.codec.encode(Message::Item((head, body)), &mut self.outgoing)
    }

    pub(super) fn encode_chunk(&mut self, chunk: Option<Bytes>) -> io::Result<()> {
        self.codec.encode(Message::Chunk(chunk), &mut self.outgoing)
    }

    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    /// Whether the other side has closed its end, as far as it can be seen: what it sent before is
    /// in front of that.
    pub(super) fn poll_hang_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.incoming.is_empty() {
            return Poll::Pending;
        }
        // Its room is not needed meanwhile.
        self.incoming = BytesMut::new();
        let mut byte = [MaybeUninit::uninit()];
        let mut peeked = ReadBuf::uninit(&mut byte);
        match ready!(self.stream.poll_peek(cx, &mut peeked)) {
            Ok(1..) => Poll::Pending,
            Ok(0) | Err(_) => Poll::Ready(()),
        }
    }

    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.incoming.capacity() - self.incoming.len() < LEAST_ROOM {
            self.incoming.reserve(if self.body_is_open { ROOM_FOR_BODY } else { ROOM });
        }
        pin!(self.stream.read_buf(&mut self.incoming)).poll(cx)
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.outgoing))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                all if all == self.outgoing.len() => self.outgoing.clear(),
                some => drop(self.outgoing.split_to(some)),
            }
        }
        if self.outgoing.capacity() > MOST_KEPT {
            self.outgoing = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}
