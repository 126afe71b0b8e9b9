//! What WeChat calls: a bot, behind HTTP or in the same process.

mod http;

use std::fmt;

use async_trait::async_trait;
use serde::Serialize;

pub use http::HttpEndpoint;

/// Something that answers WeChat. The future is dropped when WeChat hangs up, after 5 s.
#[async_trait]
pub trait Endpoint: Send + Sync {
    /// Answers one request, or does not.
    async fn deliver(&self, request: Request) -> Result<Response, Broken>;
}

/// A function is an endpoint, too.
#[async_trait]
impl<F, A> Endpoint for F
where
    F: Fn(Request) -> A + Send + Sync,
    A: Future<Output = Result<Response, Broken>> + Send,
{
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        self(request).await
    }
}

/// One request of WeChat.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET` for the handshake, `POST` for what followers do.
    pub method: &'static str,
    /// Without the `?`.
    pub query: String,
    /// `text/xml` or `application/json`; nothing with a `GET`.
    pub content_type: Option<&'static str>,
    /// As it goes out.
    #[serde(serialize_with = "lossy")]
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// HTTP's.
    pub status: u16,
    /// As it was sent; WeChat does not look at it.
    pub content_type: Option<String>,
    /// As it came.
    #[serde(serialize_with = "lossy")]
    pub body: Vec<u8>,
}

impl Response {
    /// Status 200 with this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type: None, body: body.into() }
    }
}

/// Bodies are shown as texts: whoever looks at one wants to read it.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, query, content_type, body } = self;
        let body = String::from_utf8_lossy(body);
        write!(f, "{method} ?{query} {} {body:?}", content_type.unwrap_or_default())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, content_type, body } = self;
        let body = String::from_utf8_lossy(body);
        write!(f, "{status} {} {body:?}", content_type.as_deref().unwrap_or_default())
    }
}

/// Why there was no answer at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Nobody listens.
    #[error("the connection was refused")]
    Refused,
    /// It ended before the answer did.
    #[error("the connection was reset")]
    Reset,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

fn lossy<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}
