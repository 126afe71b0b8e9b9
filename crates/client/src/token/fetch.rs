//! The call for a token (section 7.1).

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::failure::TokenFailure;
use crate::answer::{self, About};
use crate::body;
use crate::settings::TokenKind;
use crate::transport::{Bounds, HttpRequest, Transport};

/// A token has 512 characters at most.
const ANSWER_BYTES: usize = 64 << 10;
/// More than WeChat ever gave: nothing may make a token look immortal.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Asks WeChat for a token.
pub(super) struct Fetcher {
    app_id: String,
    app_secret: SecretString,
    kind: TokenKind,
    bounds: Bounds,
    transport: Arc<dyn Transport>,
}

/// A token as WeChat gave it.
pub(super) struct Fetched {
    pub(super) token: SecretString,
    pub(super) lifetime: Duration,
}

impl Fetcher {
    pub(super) fn new(
        app_id: &str,
        app_secret: SecretString,
        kind: TokenKind,
        timeout: Duration,
        transport: Arc<dyn Transport>,
    ) -> Self {
        let bounds = Bounds { time: timeout, answer_bytes: ANSWER_BYTES };
        Self { app_id: app_id.to_owned(), app_secret, kind, bounds, transport }
    }

    pub(super) fn path(&self) -> &'static str {
        match self.kind {
            TokenKind::Stable => "/cgi-bin/stable_token",
            TokenKind::Plain => "/cgi-bin/token",
        }
    }

    /// Asks once. `force` kills a stable token at once; a plain one is new with every call.
    pub(super) async fn fetch(&self, force: bool) -> Result<Fetched, TokenFailure> {
        let about = About { path: self.path(), secrets: [self.app_secret.expose_secret(), ""] };
        let response = answer::obtain(&*self.transport, self.request(force), about).await;
        let fetched = response.and_then(|response| {
            let value = answer::read(about, &response)?;
            fetched(&value).ok_or_else(|| about.unclear("the answer has no token"))
        });
        fetched.map_err(TokenFailure::of)
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

fn fetched(value: &Value) -> Option<Fetched> {
    let token = value.get("access_token")?.as_str().filter(|token| !token.is_empty())?;
    let seconds = value.get("expires_in").and_then(answer::integer)?;
    let lifetime = Duration::from_secs(u64::try_from(seconds).ok()?).min(LONGEST);
    Some(Fetched { token: token.to_owned().into(), lifetime })
}
