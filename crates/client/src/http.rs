//! Calls over the network. Accounts that reach WeChat the same way share one pool of connections.

mod exchange;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Proxy, Url, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

use crate::transport::{Cause, HttpRequest, HttpResponse, OpenResponse, Transport, TransportError};

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

/// Pools of connections to WeChat. Accounts with the same proxy share one.
#[derive(Default)]
pub struct Pools {
    pools: Vec<Pool>,
}

struct Pool {
    proxy: Option<SecretString>,
    connect_timeout: Duration,
    client: Client,
}

impl Pools {
    /// The transport of one account. Opens no connection yet.
    pub fn transport(&mut self, settings: &HttpSettings) -> Result<Reqwest, SetupError> {
        let base = base(&settings.api_base)?;
        if let Some(pool) = self.pools.iter().find(|pool| pool.serves(settings)) {
            return Ok(Reqwest { client: pool.client.clone(), base });
        }
        let pool = Pool::open(settings)?;
        let client = pool.client.clone();
        self.pools.push(pool);
        Ok(Reqwest { client, base })
    }
}

impl Pool {
    /// Redirects are not followed, as that would take the token elsewhere, and nothing is repeated.
    fn open(settings: &HttpSettings) -> Result<Self, SetupError> {
        // Fails where the process has chosen a provider already, which is then used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
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
        let client =
            builder.build().map_err(|error| SetupError::Tls(exchange::chain(error).into()))?;
        let (proxy, connect_timeout) = (settings.proxy.clone(), settings.connect_timeout);
        Ok(Self { proxy, connect_timeout, client })
    }

    fn serves(&self, settings: &HttpSettings) -> bool {
        let exposed = |proxy: &Option<SecretString>| {
            proxy.as_ref().map(|proxy| proxy.expose_secret().to_owned())
        };
        self.connect_timeout == settings.connect_timeout
            && exposed(&self.proxy) == exposed(&settings.proxy)
    }
}

fn open_proxy(url: &SecretString) -> Result<Proxy, SetupError> {
    Proxy::all(url.expose_secret()).map_err(|_| SetupError::Proxy)
}

/// A path that begins with `/` can't change the host behind it.
fn base(url: &str) -> Result<String, SetupError> {
    let parsed: Url = url.parse().map_err(|_| SetupError::Base)?;
    let more = parsed.query().is_some() || parsed.fragment().is_some();
    if !matches!(parsed.scheme(), "http" | "https") || more {
        return Err(SetupError::Base);
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// A [`Transport`] over HTTP/1.1, with connections kept open between calls.
pub struct Reqwest {
    client: Client,
    base: String,
}

impl Reqwest {
    /// With a pool of its own. Opens no connection yet.
    pub fn new(settings: &HttpSettings) -> Result<Self, SetupError> {
        Pools::default().transport(settings)
    }
}

impl Reqwest {
    fn url(&self, request: &HttpRequest) -> Result<String, TransportError> {
        if !request.path.starts_with('/') {
            return Err(TransportError::NotSent("the path does not begin with `/`".into()));
        }
        Ok(format!("{}{}", self.base, request.path))
    }
}

#[async_trait]
impl Transport for Reqwest {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        exchange::exchange(&self.client, self.url(&request)?, request).await
    }

    async fn open(&self, request: HttpRequest) -> Result<OpenResponse, TransportError> {
        exchange::open(&self.client, self.url(&request)?, request).await
    }
}
