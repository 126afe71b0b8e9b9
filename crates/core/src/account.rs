//! An Official Account: who it is, and what it takes for a request to be WeChat's.

use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::late::settings::LateSettings;
use crate::receive::cipher::{Key, KeyError};

/// How messages arrive (protocol section 1): an account refuses what is weaker than its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, JsonSchema)]
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

/// What an account is made from.
#[derive(Debug, Clone)]
pub struct AccountSpec {
    /// Its name in logs, metrics and `when`.
    pub id: String,
    /// Where WeChat calls, beginning with `/`.
    pub path: String,
    /// The Token of the server configuration.
    pub token: SecretString,
    /// The Token before the last change, still taken.
    pub previous_token: Option<SecretString>,
    /// The weakest form that is taken.
    pub mode: Mode,
    /// `wx` and 16 hex digits; inside every encrypted message.
    pub app_id: Option<String>,
    /// The EncodingAESKey of the server configuration, 43 characters.
    pub encoding_aes_key: Option<SecretString>,
    /// The EncodingAESKey before the last change, still taken.
    pub previous_encoding_aes_key: Option<SecretString>,
    /// `gh_…`; when given, messages for another account are refused.
    pub original_id: Option<String>,
    /// How far a timestamp may be from the clock; `None` for any distance.
    pub clock_skew: Option<Duration>,
    /// Whether a timestamp and nonce are taken for one message only, where the signature does not
    /// cover the body.
    pub bind_queries: bool,
    /// What happens when an answer is not ready in time.
    pub late: LateSettings,
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
    pub fn new(spec: AccountSpec) -> Result<Self, Vec<AccountError>> {
        let mut errors = spec.contradictions();
        let mut keys = Vec::new();
        for (which, key) in spec.encoding_aes_keys() {
            match Key::parse(key.expose_secret()) {
                Ok(key) => keys.push(key),
                Err(error) => errors.push(AccountError::Key { which, error }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            id: spec.id,
            path: spec.path,
            mode: spec.mode,
            original_id: spec.original_id,
            app_id: spec.app_id.unwrap_or_default(),
            tokens: std::iter::once(spec.token).chain(spec.previous_token).collect(),
            keys,
            clock_skew: spec.clock_skew,
            bind_queries: spec.bind_queries,
            late: spec.late,
        })
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

impl AccountSpec {
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
