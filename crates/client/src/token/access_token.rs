//! A token, how long it is good, and when to ask for the next one.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// A token from WeChat is used for at least this long, whatever WeChat says: refreshing it with
/// every call would help nobody.
const SHORTEST: Duration = Duration::from_secs(60);

/// A token, and until when it is good.
#[derive(Clone)]
pub(crate) struct AccessToken {
    text: SecretString,
    /// By the machine's monotonic clock: its date may jump.
    expires: Instant,
    refresh: Instant,
}

impl AccessToken {
    /// One that another instance left in the store.
    pub(super) fn found(text: SecretString, left: Duration, ahead: Duration) -> Self {
        let now = Instant::now();
        Self { text, expires: now + left, refresh: now + left.saturating_sub(ahead) }
    }

    /// One that WeChat gave just now.
    pub(super) fn fetched(
        text: SecretString,
        lifetime: Duration,
        asked: Instant,
        ahead: Duration,
    ) -> Self {
        let lifetime = lifetime.max(SHORTEST);
        let refresh = asked + lifetime.saturating_sub(ahead).max(SHORTEST);
        Self { text, expires: asked + lifetime, refresh }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.expose_secret()
    }

    /// How long it is still good.
    pub(super) fn left(&self) -> Duration {
        self.expires.saturating_duration_since(Instant::now())
    }

    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.refresh
    }

    fn is_alive(&self) -> bool {
        Instant::now() < self.expires
    }
}

/// What kind of token is wanted.
pub(super) enum Need {
    /// One that lives.
    Alive,
    /// One that need not be refreshed yet.
    Fresh,
    /// One that lives and is another than this, which WeChat refused.
    Other(AccessToken),
}

impl Need {
    pub(super) fn is_met_by(&self, token: &AccessToken) -> bool {
        token.is_alive()
            && match self {
                Self::Alive => true,
                Self::Fresh => !token.is_due(),
                Self::Other(refused) => token.text() != refused.text(),
            }
    }

    /// Whether this is the token that WeChat refused.
    pub(super) fn rules_out(&self, token: &SecretString) -> bool {
        matches!(self, Self::Other(refused) if refused.text() == token.expose_secret())
    }
}
