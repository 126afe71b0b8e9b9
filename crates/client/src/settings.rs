//! What a client has to know of its account.

use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// One account, as it calls WeChat.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its id in `bot.toml`, for logs and errors.
    pub account: String,
    /// `wx` and 16 hex digits. Without it every call is [`NotConfigured`].
    ///
    /// [`NotConfigured`]: wxbot_sdk::api::ApiError::NotConfigured
    pub app_id: Option<String>,
    /// The AppSecret. Without it every call is refused likewise.
    pub app_secret: Option<SecretString>,
    /// Which of WeChat's two kinds of token to use.
    pub token: TokenKind,
    /// How long WeChat may take.
    pub timeouts: Timeouts,
}

impl Settings {
    /// The app id and its secret, or the key of `bot.toml` that is missing.
    pub(crate) fn credentials(&self) -> Result<(&str, &SecretString), &'static str> {
        let app_id = self.app_id.as_deref().filter(|app_id| !app_id.is_empty());
        let app_secret = self.app_secret.as_ref();
        let app_secret = app_secret.filter(|secret| !secret.expose_secret().is_empty());
        Ok((app_id.ok_or("app_id")?, app_secret.ok_or("app_secret")?))
    }
}

/// The two kinds of access token (section 7.1). Neither invalidates the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Asking again gives the same token: whoever else asks for the account does no harm.
    #[default]
    Stable,
    /// Asking again gives a new token, and the old one dies: nobody else may ask.
    Plain,
}

/// How long WeChat may take for each exchange, from the first byte out to the last byte in. The time
/// that whoever reads a file takes does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A call for a token.
    pub token: Duration,
    /// Any other call.
    pub call: Duration,
    /// A file in either direction.
    pub media: Duration,
    /// A file of which nothing moves meanwhile. The last megabytes of an upload may be in the buffers
    /// of the socket, where nobody sees them move.
    pub media_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [token, call, media_idle, media] = [5, 10, 60, 600].map(Duration::from_secs);
        Self { token, call, media, media_idle }
    }
}
