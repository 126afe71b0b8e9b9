//! The call for a token (section 7.1).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::failure::TokenFailure;
use crate::answer::{self, About};
use crate::body;
use crate::settings::TokenKind;
use crate::transport::{Bounds, HttpRequest, Transport};

/// A token has 512 characters at most.
const ANSWER_BYTES: u64 = 64 << 10;
/// More than WeChat ever gave: nothing may make a token look immortal.
const LONGEST: Duration = Duration::from_secs(86_400);

/// What asks WeChat for a token, or for a ticket, which is kept in the same way.
#[async_trait]
pub(crate) trait Fetch: Send + Sync {
    /// The path of the call.
    fn path(&self) -> &'static str;

    /// What it brings, for the log.
    fn noun(&self) -> &'static str;

    /// How long asking may take.
    fn time(&self) -> Duration;

    /// Asks once. `force` asks for another than the last one, which dies.
    async fn fetch(&self, force: bool) -> Result<Fetched, TokenFailure>;
}

/// Asks WeChat for a token.
pub(super) struct Fetcher {
    app_id: String,
    app_secret: SecretString,
    kind: TokenKind,
    bounds: Bounds,
    transport: Arc<dyn Transport>,
}

/// A token as WeChat gave it.
pub(crate) struct Fetched {
    pub(super) token: SecretString,
    pub(super) lifetime: Duration,
}

impl Fetched {
    /// What an answer has under this name, and for how long it is good.
    pub(crate) fn read(answer: &Value, name: &str) -> Option<Self> {
        let token = answer.get(name)?.as_str().filter(|token| !token.is_empty())?;
        let seconds = answer.get("expires_in").and_then(answer::integer)?;
        let lifetime = Duration::from_secs(u64::try_from(seconds).ok()?).min(LONGEST);
        Some(Self { token: token.to_owned().into(), lifetime })
    }
}

impl Fetcher {
    pub(super) fn new(
        app_id: &str,
        app_secret: SecretString,
        kind: TokenKind,
        timeout: Duration,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let bounds = Bounds::brief(timeout, ANSWER_BYTES);
        Self { app_id: app_id.to_owned(), app_secret, kind, bounds, transport }
    }

    fn request(&self, force: bool) -> HttpRequest {
        let secret = self.app_secret.expose_secret();
        let [grant, app_id] = ["client_credential", self.app_id.as_str()];
        match self.kind {
            TokenKind::Stable => {
                let body = json!({
                    "grant_type": grant, "appid": app_id, "secret": secret, "force_refresh": force,
                });
                HttpRequest::post(self.path(), Vec::new(), body::json(&body), self.bounds)
            }
            TokenKind::Plain => {
                let query = [("grant_type", grant), ("appid", app_id), ("secret", secret)];
                let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
                HttpRequest::get(self.path(), query.into(), self.bounds)
            }
        }
    }
}

#[async_trait]
impl Fetch for Fetcher {
    fn path(&self) -> &'static str {
        match self.kind {
            TokenKind::Stable => "/cgi-bin/stable_token",
            TokenKind::Plain => "/cgi-bin/token",
        }
    }

    fn noun(&self) -> &'static str {
        "access token"
    }

    /// Twice, as a forced call may follow the first.
    fn time(&self) -> Duration {
        self.bounds.time * 2
    }

    /// Only a stable token has to be forced; a plain one is new with every call.
    async fn fetch(&self, force: bool) -> Result<Fetched, TokenFailure> {
        let about = About { path: self.path(), secrets: [self.app_secret.expose_secret(), ""] };
        let response = answer::obtain(&*self.transport, self.request(force), about).await;
        let fetched = response.and_then(|response| {
            let value = answer::read(about, &response)?;
            let fetched = Fetched::read(&value, "access_token");
            fetched.ok_or_else(|| about.unclear("the answer has no token"))
        });
        fetched.map_err(TokenFailure::of)
    }
}
