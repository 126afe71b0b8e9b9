//! A bot behind a URL.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use super::{Broken, Endpoint, Request, Response};

/// Longer than WeChat waits, as it is WeChat that hangs up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Calls a bot over HTTP. Dropping a request closes its connection, as WeChat does.
#[derive(Debug)]
pub struct HttpEndpoint {
    url: String,
    client: Client,
}

impl HttpEndpoint {
    /// An endpoint at this URL, which has no query.
    pub fn new(url: impl Into<String>) -> Result<Self, Broken> {
        let url = url.into();
        // Fails where the process has chosen a provider already, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder().redirect(Policy::none()).no_proxy().timeout(TIMEOUT);
        if !url.starts_with("https:") {
            client = client.tls_certs_only([]); // so that a machine without certificates will do
        }
        Ok(Self { url, client: client.build().map_err(broken)? })
    }
}

#[async_trait]
impl Endpoint for HttpEndpoint {
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|error| Broken::Other(error.to_string()))?;
        let url = format!("{}?{}", self.url, request.query);
        let mut post = self.client.request(method, url).body(request.body);
        if let Some(content_type) = request.content_type {
            post = post.header(CONTENT_TYPE, content_type);
        }
        let answer = post.send().await.map_err(broken)?;
        let content_type = answer.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(broken)?.to_vec();
        Ok(Response { status, content_type, body })
    }
}

/// Leaves out the URL, which contains the signature.
fn broken(error: reqwest::Error) -> Broken {
    match error {
        error if error.is_connect() => Broken::Refused,
        error if error.is_request() || error.is_body() || error.is_decode() => Broken::Reset,
        error => Broken::Other(error.without_url().to_string()),
    }
}
