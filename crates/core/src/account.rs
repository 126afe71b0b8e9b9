//! An Official Account: who it is, and what it takes for a request to be WeChat's.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::late::settings::{LateChanges, LateSettings};
use crate::receive::cipher::{Key, KeyError};

/// How messages arrive (protocol section 1): an account refuses what is weaker than its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 明文模式: the signature covers the query, nothing covers the body.
    #[default]
    Plain,
    /// 兼容模式: both forms are taken; the way from plain to safe.
    Compatible,
    /// 安全模式: encrypted and signed, or refused.
    Safe,
}

impl Mode {
    /// As it stands in `bot.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Compatible => "compatible",
            Self::Safe => "safe",
        }
    }
}

/// The two kinds of access token (protocol section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessToken {
    /// stable_token: whoever else asks for one does no harm.
    #[default]
    Stable,
    /// token: asking for one ends the one before.
    Plain,
}

/// One `[[account]]` of `bot.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Its name in logs, metrics and `when`.
    #[serde(default = "default_id")]
    pub id: String,
    /// Where WeChat calls, beginning with `/`.
    #[serde(default = "default_path")]
    pub path: String,
    /// The Token of the server configuration.
    pub token: SecretString,
    /// The Token before the last change, still taken.
    pub previous_token: Option<SecretString>,
    /// The weakest form that is taken.
    #[serde(default)]
    pub mode: Mode,
    /// `wx` and 16 hex digits; inside every encrypted message.
    pub app_id: Option<String>,
    /// The EncodingAESKey of the server configuration, 43 characters.
    pub encoding_aes_key: Option<SecretString>,
    /// The EncodingAESKey before the last change, still taken.
    pub previous_encoding_aes_key: Option<SecretString>,
    /// `gh_…`; when given, messages for another account are refused.
    pub original_id: Option<String>,
    /// The AppSecret (开发者密码), for WeChat's API.
    pub app_secret: Option<SecretString>,
    /// Where WeChat's API is; only a simulator is elsewhere.
    pub api_base: Option<String>,
    /// The proxy on the way there; may hold a password.
    pub proxy: Option<SecretString>,
    /// Which kind of access token is used (protocol section 7.1).
    #[serde(default)]
    pub access_token: AccessToken,
    /// Whether a timestamp and nonce are taken for one message only, where the signature does not
    /// cover the body.
    #[serde(default = "yes")]
    pub bind_queries: bool,
    /// What differs from `[late]`.
    #[serde(default)]
    pub late: LateChanges,
}

fn yes() -> bool {
    true
}

fn default_id() -> String {
    "main".into()
}

fn default_path() -> String {
    "/wechat".into()
}

/// Why an `[[account]]` can't be served.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// An empty token signs nothing.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// The path is not one.
    #[error(
        "the path `{0}` is not one: it begins with `/` and has no `?`, `#`, blank, `{{` or `}}`"
    )]
    Path(String),
    /// Encryption without what it takes.
    #[error("mode `{mode}` needs `{key}`")]
    Needs {
        /// The mode asked for.
        mode: &'static str,
        /// The key that is missing.
        key: &'static str,
    },
    /// One of the two keys is not an EncodingAESKey.
    #[error("`{which}`: {error}")]
    Key {
        /// The key in `bot.toml`.
        which: &'static str,
        /// What is wrong with it.
        error: KeyError,
    },
}

/// An account that is ready: tokens and key schedules prepared once, not per message.
pub struct Account {
    /// Its name in logs, metrics and `when`.
    pub id: String,
    /// Where WeChat calls.
    pub path: String,
    /// The weakest form that is taken.
    pub mode: Mode,
    /// `gh_…`, when known.
    pub original_id: Option<String>,
    /// The id inside encrypted messages; empty where none is configured.
    pub app_id: String,
    /// The current token first, then the previous one.
    pub(crate) tokens: Vec<SecretString>,
    /// The current key first, then the previous one.
    pub(crate) keys: Vec<Key>,
    /// How far a timestamp may be from the clock; `None` for any distance.
    pub(crate) clock_skew: Option<Duration>,
    pub(crate) bind_queries: bool,
    /// What happens when an answer is not ready in time.
    pub late: LateSettings,
}

impl Account {
    /// Prepares an account; every error is reported, not the first.
    pub fn new(
        settings: &AccountSettings,
        clock_skew: Option<Duration>,
        late: &LateSettings,
    ) -> Result<Self, Vec<AccountError>> {
        let mut errors = settings.contradictions();
        let mut keys = Vec::new();
        for (which, key) in settings.encoding_aes_keys() {
            match Key::parse(key.expose_secret()) {
                Ok(key) => keys.push(key),
                Err(error) => errors.push(AccountError::Key { which, error }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            id: settings.id.clone(),
            path: settings.path.clone(),
            mode: settings.mode,
            original_id: settings.original_id.clone(),
            app_id: settings.app_id.clone().unwrap_or_default(),
            tokens: settings.tokens().cloned().collect(),
            keys,
            clock_skew,
            bind_queries: settings.bind_queries,
            late: settings.late.applied_to(late),
        })
    }
}

impl Account {
    /// Whether it has a key that opens nothing: the app id is in every encrypted message.
    pub fn has_key_alone(&self) -> bool {
        !self.keys.is_empty() && self.app_id.is_empty()
    }

    /// The current token.
    pub fn token(&self) -> &SecretString {
        &self.tokens[0]
    }
}

impl AccountError {
    /// The key of `[[account]]` that has to be changed.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Empty(key) | Self::Key { which: key, .. } => key,
            Self::Path(_) => "path",
            Self::Needs { .. } => "mode",
        }
    }
}

impl AccountSettings {
    fn tokens(&self) -> impl Iterator<Item = &SecretString> {
        std::iter::once(&self.token).chain(&self.previous_token)
    }

    fn encoding_aes_keys(&self) -> impl Iterator<Item = (&'static str, &SecretString)> {
        let current = self.encoding_aes_key.iter().map(|key| ("encoding_aes_key", key));
        let previous = &self.previous_encoding_aes_key;
        current.chain(previous.iter().map(|key| ("previous_encoding_aes_key", key)))
    }

    fn contradictions(&self) -> Vec<AccountError> {
        let mut errors = Vec::new();
        if self.id.is_empty() {
            errors.push(AccountError::Empty("id"));
        }
        if self.token.expose_secret().is_empty() {
            errors.push(AccountError::Empty("token"));
        }
        if self.previous_token.as_ref().is_some_and(|token| token.expose_secret().is_empty()) {
            errors.push(AccountError::Empty("previous_token"));
        }
        let odd = |c: char| c.is_whitespace() || c.is_control() || "?#{}".contains(c);
        if !self.path.starts_with('/') || self.path.contains(odd) {
            errors.push(AccountError::Path(self.path.clone()));
        }
        if self.mode > Mode::Plain {
            let mode = self.mode.as_str();
            if self.encoding_aes_key.is_none() {
                errors.push(AccountError::Needs { mode, key: "encoding_aes_key" });
            }
            if self.app_id.as_deref().unwrap_or_default().is_empty() {
                errors.push(AccountError::Needs { mode, key: "app_id" });
            }
        }
        errors
    }
}
