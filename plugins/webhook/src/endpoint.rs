//! The operator's URL, and nothing else: one POST, and its response within bounds.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use reqwest::{Client, StatusCode, Url, redirect, retry};
use wxbot_sdk::external::{AnswerError, MAX_ANSWER_BYTES};

use crate::error::CallError;

/// Shorter than what usual servers keep a connection open for (5 s is Node's), so that none is used
/// that is being closed.
const IDLE: Duration = Duration::from_secs(4);
/// For a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Of a `Content-Type` that is shown.
const SHOWN: usize = 80;

/// Where messages go.
pub(crate) struct Endpoint {
    client: Client,
    url: Url,
}

/// What is sent.
pub(crate) struct Post {
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// A response that says that all went well, and what of its body was read.
pub(crate) struct Response {
    inner: reqwest::Response,
    pub(crate) body: Vec<u8>,
}

impl Endpoint {
    /// Opens no connection yet. Errors do not repeat the URL, which may hold a password.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let expected = "`url` is a URL such as `http://127.0.0.1:9000/hook`";
        let url: Url = url.parse().map_err(|error| format!("{expected}: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{expected}, got one of `{}:`", url.scheme()));
        }
        // Fails where the process has chosen a provider already, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("wxbot/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("HTTPS can't be set up: {}", causes(error)))?;
        Ok(Self { client, url })
    }

    /// Sends it, and waits for the head of the response.
    pub(crate) async fn send(&self, post: Post) -> Result<Response, CallError> {
        let mut url = self.url.clone();
        if !post.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&post.query);
        }
        let mut request = self.client.post(url).header(CONTENT_TYPE, post.content_type);
        for (name, value) in post.headers {
            request = request.header(name, value);
        }
        let sent = request.body(post.body).send().await;
        let inner = sent.map_err(|error| match error.is_connect() {
            true => CallError::Unreachable(causes(error)),
            false => CallError::Broken(causes(error)),
        })?;
        check_head(&inner)?;
        Ok(Response { inner, body: Vec::new() })
    }
}

fn check_head(response: &reqwest::Response) -> Result<(), CallError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(CallError::Redirect(status.as_u16()));
    }
    if !matches!(status, StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
        return Err(CallError::Status(status.as_u16()));
    }
    match header(response, CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(CallError::Encoded(encoding)),
        _ => Ok(()),
    }
}

impl Response {
    /// Reads until there is a line, or all.
    pub(crate) async fn read_line(&mut self) -> Result<(), CallError> {
        while !self.body.contains(&b'\n') && self.read_chunk().await? {}
        Ok(())
    }

    /// Reads all that is left.
    pub(crate) async fn read_to_end(&mut self) -> Result<(), CallError> {
        while self.read_chunk().await? {}
        Ok(())
    }

    /// Why its body is no answer.
    pub(crate) fn is_no_answer(&self, problem: AnswerError) -> CallError {
        let content_type = header(&self.inner, CONTENT_TYPE);
        let content_type = content_type.unwrap_or_else(|| "no Content-Type".into());
        CallError::NoAnswer { content_type, problem }
    }

    /// Whether there was more.
    async fn read_chunk(&mut self) -> Result<bool, CallError> {
        let chunk = self.inner.chunk().await.map_err(|error| CallError::Broken(causes(error)))?;
        let Some(chunk) = chunk else { return Ok(false) };
        if self.body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(self.is_no_answer(AnswerError::TooLong { most: MAX_ANSWER_BYTES }));
        }
        self.body.extend_from_slice(&chunk);
        Ok(true)
    }
}

/// The start of a header's value, as it may be shown.
fn header(response: &reqwest::Response, name: HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.chars().take(SHOWN).collect())
}

/// All causes in one line, as the first says nothing, and without the URL.
fn causes(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}
