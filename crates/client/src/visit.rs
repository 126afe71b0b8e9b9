//! One request to the bot's own public URL, made as WeChat makes it.

use std::error::Error;
use std::time::{Duration, Instant, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Method, RequestBuilder, Response, redirect, retry};
use tokio::time::timeout;

use crate::http::SetupError;

/// More of an answer is not read: what WeChat takes is shorter.
const MOST_BYTES: usize = 256 * 1024;

/// Visits URLs: follows no redirect, goes through no proxy, and keeps no connection.
#[derive(Debug, Clone)]
pub struct Visitor {
    client: Client,
    patience: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Visit {
    /// For example 200.
    pub status: u16,
    /// The headers.
    headers: HeaderMap,
    /// As it came, without any decoding; of a very long one the beginning.
    pub body: Bytes,
    /// From the beginning of the connection to the last byte.
    pub took: Duration,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitError {
    /// Nobody listens there.
    Refused,
    /// There was no answer in time.
    TimedOut,
    /// No connection that is safe: what is wrong with the certificate, or with TLS.
    Tls(String),
    /// The connection broke, or something that is not HTTP came.
    Broken(String),
}

impl Visit {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When it was answered, in Unix seconds, by the other side's clock.
    pub fn date(&self) -> Option<u64> {
        let date = httpdate::parse_http_date(self.header("date")?).ok()?;
        date.duration_since(UNIX_EPOCH).map(|since| since.as_secs()).ok()
    }
}

impl Visitor {
    /// Waits for an answer no longer than this.
    pub fn new(patience: Duration) -> Result<Self, SetupError> {
        // Fails where the process has chosen a provider already, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .user_agent("Mozilla/4.0")
            .build();
        let client = client.map_err(|error| SetupError::Tls(error.into()))?;
        Ok(Self { client, patience })
    }

    /// GETs a URL.
    pub async fn get(&self, url: &str) -> Result<Visit, VisitError> {
        self.send(self.client.request(Method::GET, url)).await
    }

    /// POSTs a body.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Visit, VisitError> {
        let request = self.client.request(Method::POST, url);
        self.send(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Visit, VisitError> {
        let began = Instant::now();
        let exchange = async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(Visit { status, headers, body: read(response).await?, took: began.elapsed() })
        };
        match timeout(self.patience, exchange).await {
            Ok(visit) => visit.map_err(known),
            Err(_) => Err(VisitError::TimedOut),
        }
    }
}

async fn read(mut response: Response) -> Result<Bytes, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            break;
        }
    }
    Ok(body.freeze())
}

/// By what stands in the chain of causes. The URL, which is signed, is left out.
fn known(error: reqwest::Error) -> VisitError {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut texts: Vec<String> = Vec::new();
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return VisitError::Refused;
        }
        if let Some(tls) = tls(error) {
            return VisitError::Tls(tls.to_string());
        }
        texts.push(error.to_string());
        cause = error.source();
    }
    VisitError::Broken(texts.pop().unwrap_or_default())
}

/// An I/O error hides the error that it wraps from those who ask for causes.
fn tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => tls(io.get_ref()?),
        None => error.downcast_ref(),
    }
}
