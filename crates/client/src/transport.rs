//! How a call leaves and its answer comes back.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Carries one request to WeChat. [`Reqwest`](crate::Reqwest) does it over the network.
///
/// A transport that can tell whether a request has left keeps the [`Bounds`] itself. The client
/// drops the future when the time is over in any case, and takes the call for unclear then.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and returns what came back, whatever its status.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// A request to WeChat. Its query and body hold secrets, so `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
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
    /// From the first byte out to the last byte in.
    pub time: Duration,
    /// The longest answer that is read.
    pub answer_bytes: usize,
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
#[derive(Clone, PartialEq, Eq)]
pub struct RequestBody {
    /// For the Content-Type.
    pub content_type: String,
    /// As they are sent.
    pub bytes: Bytes,
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

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpRequest({:?} {:?})", self.method, self.path)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestBody({:?}, {} bytes)", self.content_type, self.bytes.len())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, content_type, body, .. } = self;
        write!(f, "HttpResponse({status}, {content_type:?}, {} bytes)", body.len())
    }
}
