//! What WeChat calls: a bot, behind HTTP or in the same process.

pub(crate) mod http;

use std::fmt;

use async_trait::async_trait;
use serde::Serialize;

/// A bot as WeChat sees it. The future is dropped when WeChat hangs up, after 5 s.
#[async_trait]
pub trait Endpoint: Send + Sync {
    /// Answers one request.
    async fn deliver(&self, request: Request) -> Result<Response, Broken>;
}

/// A function can be an endpoint.
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

/// One request from WeChat.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// `GET` for the handshake, `POST` for messages and events.
    pub method: &'static str,
    /// Without the `?`.
    pub query: String,
    /// `text/xml` or `application/json`; none in a `GET`.
    pub content_type: Option<&'static str>,
    /// As it is sent.
    #[serde(serialize_with = "lossy")]
    pub body: Vec<u8>,
}

/// The answer to a request.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The header, which WeChat ignores.
    pub content_type: Option<String>,
    /// As it was received.
    #[serde(serialize_with = "lossy")]
    pub body: Vec<u8>,
}

impl Response {
    /// Status 200 with this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type: None, body: body.into() }
    }
}

/// Bodies are printed as text, to be read.
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

/// A connection that broke before there was an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Nobody is listening.
    #[error("the connection was refused")]
    Refused,
    /// It ended in the middle of the answer.
    #[error("the connection was reset")]
    Reset,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

fn lossy<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}
