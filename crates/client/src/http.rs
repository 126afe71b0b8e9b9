//! Calls over the network.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use reqwest::{Proxy, Response, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

use crate::transport::{Cause, HttpRequest, HttpResponse, Method, Transport, TransportError};

/// More than this of an answer is not read; files of WeChat's end at 10 MB.
const MOST_BYTES: usize = 32 << 20;
/// A connection that WeChat may have closed by now is not used again.
const IDLE: Duration = Duration::from_secs(30);

/// How calls get to WeChat.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Before the path, without a slash at its end.
    pub api_base: String,
    /// `http://…` or `https://…`; may hold a password. The environment is not asked for one.
    pub proxy: Option<SecretString>,
    /// How long a connection may take.
    pub connect_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            api_base: "https://api.weixin.qq.com".into(),
            proxy: None,
            connect_timeout: Duration::from_secs(3),
        }
    }
}

/// Why calls can't be made at all. None of them repeats a URL.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Not a URL, or more than scheme, host and path.
    #[error("`api_base` is not a URL like `https://api.weixin.qq.com`")]
    Base,
    /// Not a URL.
    #[error("`proxy` is not a URL like `http://127.0.0.1:3128`")]
    Proxy,
    /// The machine has no certificates, for example.
    #[error("HTTPS can't be set up: {0}")]
    Tls(Cause),
}

/// A [`Transport`] over HTTP/1.1, with connections kept open between calls. Follows no redirect, as
/// that would take the token elsewhere, and repeats nothing.
pub struct Reqwest {
    client: reqwest::Client,
    base: String,
}

impl Reqwest {
    /// Opens no connection yet.
    pub fn new(settings: &HttpSettings) -> Result<Self, SetupError> {
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("wxbot/", env!("CARGO_PKG_VERSION")));
        let builder = match &settings.proxy {
            Some(proxy) => builder.proxy(open_proxy(proxy)?),
            None => builder,
        };
        let client = builder.build().map_err(|error| SetupError::Tls(cause(error)))?;
        Ok(Self { client, base: base(&settings.api_base)? })
    }

    async fn exchange(&self, request: HttpRequest) -> reqwest::Result<Response> {
        let url = format!("{}{}", self.base, request.path);
        let builder = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
        };
        let builder = builder.query(&request.query);
        let builder = match request.body {
            Some(body) => builder.header(CONTENT_TYPE, body.content_type).body(body.bytes),
            None => builder,
        };
        builder.send().await
    }
}

#[async_trait]
impl Transport for Reqwest {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if !request.path.starts_with('/') {
            return Err(TransportError::NotSent("the path does not begin with `/`".into()));
        }
        let response = self.exchange(request).await.map_err(failed)?;
        Ok(HttpResponse {
            status: response.status().as_u16(),
            content_type: header(&response, CONTENT_TYPE),
            content_disposition: header(&response, CONTENT_DISPOSITION),
            body: read(response).await?,
        })
    }
}

fn open_proxy(url: &SecretString) -> Result<Proxy, SetupError> {
    Proxy::all(url.expose_secret()).map_err(|_| SetupError::Proxy)
}

/// A path that begins with `/` can't change the host behind it.
fn base(url: &str) -> Result<String, SetupError> {
    let parsed: reqwest::Url = url.parse().map_err(|_| SetupError::Base)?;
    let more = parsed.query().is_some() || parsed.fragment().is_some();
    if !matches!(parsed.scheme(), "http" | "https") || more {
        return Err(SetupError::Base);
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn header(response: &Response, name: HeaderName) -> String {
    let value = response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    value.unwrap_or_default().into_owned()
}

async fn read(mut response: Response) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(TransportError::Unclear("the answer is longer than 32 MiB".into()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn failed(error: reqwest::Error) -> TransportError {
    let never_left = error.is_connect() || error.is_builder();
    let cause = cause(error);
    if never_left { TransportError::NotSent(cause) } else { TransportError::Unclear(cause) }
}

/// The whole chain in one line: the first link alone says nothing. The URL, with its token, goes.
fn cause(error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text.into()
}
