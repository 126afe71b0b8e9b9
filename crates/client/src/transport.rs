//! How a call leaves and its answer comes back.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use wxbot_sdk::api::{ContentError, ContentReader, FileContent};

/// Carries one request to WeChat. [`Reqwest`](crate::Reqwest) does it over the network.
///
/// A transport that can tell whether a request has left keeps the [`Bounds`] itself. The client
/// drops the future when the time is over in any case, and takes the call for unclear then.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and returns what came back, whatever its status.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;

    /// Sends a request and returns what comes back as soon as it begins. A transport that reads no
    /// answer piece by piece reads it whole first.
    async fn open(&self, request: HttpRequest) -> Result<OpenResponse, TransportError> {
        self.send(request).await.map(OpenResponse::from)
    }
}

/// A request to WeChat. Its query and body hold secrets, so `Debug` shows neither.
#[derive(Clone)]
pub struct HttpRequest {
    /// GET or POST.
    pub method: Method,
    /// Begins with `/`; the host is the transport's to know.
    pub path: String,
    /// Not encoded.
    pub query: Vec<(String, String)>,
    /// What a POST brings.
    pub body: Option<RequestBody>,
    /// What the exchange may take.
    pub bounds: Bounds,
}

/// What one exchange may take, whatever the other side does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// From the first byte out to the last byte in; for an answer that is read piece by piece, to its
    /// first byte.
    pub time: Duration,
    /// How long nothing may move on the way out.
    pub idle: Duration,
    /// The longest answer that is read.
    pub answer_bytes: u64,
}

impl Bounds {
    /// For what is short: it may stand still for all of its time.
    pub(crate) fn brief(time: Duration, answer_bytes: u64) -> Self {
        Self { time, idle: time, answer_bytes }
    }
}

/// The methods that WeChat's API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads, mostly.
    Get,
    /// Brings a body.
    Post,
}

/// The body of a POST.
#[derive(Clone)]
pub struct RequestBody {
    /// For the Content-Type.
    pub content_type: String,
    /// What it is put together from, in this order.
    pub pieces: Arc<[FileContent]>,
}

/// What came back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// 200 even for most errors.
    pub status: u16,
    /// Empty where there was none.
    pub content_type: String,
    /// Names a file; empty where there was none.
    pub content_disposition: String,
    /// The header of this name, where it was in seconds.
    pub retry_after: Option<Duration>,
    /// Without any encoding of HTTP. May be left out where the status is not 200.
    pub body: Bytes,
}

/// What comes back, of which the head is there.
pub struct OpenResponse {
    /// With an empty body.
    pub head: HttpResponse,
    /// How long the body is, where that was said.
    pub length: Option<u64>,
    /// The body. An error is its end.
    pub body: Pin<Box<dyn Stream<Item = Result<Bytes, Cause>> + Send>>,
}

/// What went wrong, without a URL.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The request has not left as a whole, so WeChat can't have acted upon it.
    #[error("not sent: {0}")]
    NotSent(Cause),
    /// The request may have reached WeChat.
    #[error("no answer: {0}")]
    Unclear(Cause),
    /// Its body can't be read, so the request has not left as a whole.
    #[error("not sent: {0}")]
    Content(#[from] ContentError),
}

impl HttpRequest {
    pub(crate) fn get(path: &str, query: Vec<(String, String)>, bounds: Bounds) -> Self {
        Self { method: Method::Get, path: path.to_owned(), query, body: None, bounds }
    }

    pub(crate) fn post(
        path: &str,
        query: Vec<(String, String)>,
        body: RequestBody,
        bounds: Bounds,
    ) -> Self {
        Self { method: Method::Post, path: path.to_owned(), query, body: Some(body), bounds }
    }
}

impl RequestBody {
    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.pieces.iter().map(FileContent::length).sum()
    }

    /// Begins to read, from the beginning.
    pub async fn open(&self) -> Result<BodyReader, ContentError> {
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces.iter().rev() {
            pieces.push(piece.open().await?);
        }
        Ok(BodyReader { pieces })
    }

    /// All of it, in memory.
    pub async fn whole(&self) -> Result<Bytes, ContentError> {
        let (mut reader, mut all) = (self.open().await?, BytesMut::new());
        while let Some(chunk) = reader.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

/// Reads a body, piece after piece.
pub struct BodyReader {
    /// The next one is the last.
    pieces: Vec<ContentReader>,
}

impl BodyReader {
    /// What comes next, which is not empty; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ContentError> {
        while let Some(piece) = self.pieces.last_mut() {
            if let Some(chunk) = piece.chunk().await? {
                return Ok(Some(chunk));
            }
            self.pieces.pop();
        }
        Ok(None)
    }
}

impl From<HttpResponse> for OpenResponse {
    fn from(mut head: HttpResponse) -> Self {
        let body = std::mem::take(&mut head.body);
        let length = Some(body.len() as u64);
        Self { head, length, body: Box::pin(stream::iter([Ok(body)])) }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({:?} {:?})", self.method, self.path)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestBody({:?}, {} bytes)", self.content_type, self.length())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, content_type, body, .. } = self;
        write!(f, "HttpResponse({status}, {content_type:?}, {} bytes)", body.len())
    }
}
