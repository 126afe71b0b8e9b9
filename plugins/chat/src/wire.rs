//! How requests get to a model: over HTTP, or what a test puts there.

use std::error::Error;
use std::io;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, Request, Response};
use reqwest::{Client, ClientBuilder, Proxy, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

/// A connection that the other side may have closed by now is not used again.
const IDLE: Duration = Duration::from_secs(30);

/// The body of an answer, as it comes.
pub type Body = BoxStream<'static, io::Result<Bytes>>;

/// Sends requests.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Sends one, and returns what came back as soon as its head is there.
    async fn send(&self, request: Request<Bytes>) -> io::Result<Response<Body>>;
}

/// Over HTTP/1.1.
pub(crate) struct Http {
    client: Client,
}

impl Http {
    /// Redirects are not followed, as that would take the key elsewhere; the environment is not
    /// asked for a proxy.
    pub(crate) fn new(proxy: Option<&SecretString>) -> Result<Self, String> {
        let builder = Self::builder(HeaderMap::new());
        let builder = match proxy {
            Some(proxy) => {
                let wrong = |_| "`proxy` is not a URL like `http://127.0.0.1:3128`";
                builder.proxy(Proxy::all(proxy.expose_secret()).map_err(wrong)?)
            }
            None => builder,
        };
        Self::of(builder)
    }

    /// A client that goes where it is told, and nowhere else.
    pub(crate) fn builder(headers: HeaderMap) -> ClientBuilder {
        // Fails where the process has chosen a provider already, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .default_headers(headers)
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("wxbot/", env!("CARGO_PKG_VERSION")))
    }

    /// Over such a client.
    pub(crate) fn of(builder: ClientBuilder) -> Result<Self, String> {
        let client = builder.build();
        Ok(Self {
            client: client.map_err(|error| format!("HTTPS can't be set up: {}", why(error)))?,
        })
    }

    #[cfg(feature = "mcp")]
    pub(crate) fn into_client(self) -> Client {
        self.client
    }
}

#[async_trait]
impl Wire for Http {
    async fn send(&self, request: Request<Bytes>) -> io::Result<Response<Body>> {
        let request = request.try_into().map_err(broken)?;
        let response = self.client.execute(request).await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = Response::new(response.bytes_stream().map_err(broken).boxed());
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        Ok(answer)
    }
}

fn broken(error: reqwest::Error) -> io::Error {
    io::Error::other(why(error))
}

/// With its causes, and without the URL, which may have a key in it.
fn why(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
