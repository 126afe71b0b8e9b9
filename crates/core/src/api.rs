//! WeChat's API as a plugin sees it (protocol section 7): calls of one account, with its token.

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

/// Calls WeChat's API for one account. `wxbot-client` has the implementation: it brings the access
/// token, renews it when WeChat says that it is spent, and never prints it.
#[async_trait]
pub trait Api: Send + Sync {
    /// Makes one call and returns WeChat's JSON, or why there is none.
    async fn request(&self, call: Call) -> Result<Value, ApiError>;
}

/// One call, without the access token.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// For example `/cgi-bin/menu/create`.
    pub path: String,
    /// What stands behind the `?` beside the token.
    pub query: Vec<(String, String)>,
    /// The JSON of a POST; a GET has none.
    pub body: Option<Value>,
}

impl Call {
    /// A POST with JSON.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { path: path.into(), query: Vec::new(), body: Some(body) }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: Vec::new(), body: None }
    }

    /// With this in the query.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}

/// Why a call did not do what it should. None of them holds a token.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// WeChat did what it says: it refused. Nothing else happened.
    #[error("{path}: {refusal}")]
    Refused {
        /// The call.
        path: String,
        /// What WeChat said, and what it means.
        refusal: ApiRefusal,
    },
    /// The call never reached WeChat; it may be made again.
    #[error("{path}: WeChat can't be reached")]
    Unreachable {
        /// The call.
        path: String,
        /// Without a URL, which would hold the token.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The call went out, and no answer that can be understood came back: WeChat may have done it.
    #[error("{path}: no proper answer, so it may have been done")]
    Unclear {
        /// The call.
        path: String,
        /// Without a URL, which would hold the token.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The account has no `app_id` or no `app_secret`.
    #[error("{path}: account `{account}` needs `{key}` in bot.toml for that")]
    NotConfigured {
        /// The call.
        path: String,
        /// The account's id.
        account: String,
        /// What is missing.
        key: &'static str,
    },
}

impl ApiError {
    /// WeChat's errcode, where it gave one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.code),
            _ => None,
        }
    }
}

/// An errcode of section 7.2, with what it means and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRefusal {
    /// errcode.
    pub code: i64,
    /// errmsg, with the rid that WeChat's support asks for.
    pub message: String,
    /// What the code means; empty for one that the protocol page does not list.
    pub meaning: &'static str,
    /// What to do about it; may be empty.
    pub cure: &'static str,
}

impl fmt::Display for ApiRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeChat refused with {}", self.code)?;
        if !self.meaning.is_empty() {
            write!(f, " ({})", self.meaning)?;
        }
        write!(f, ": {:?}", self.message)?;
        if !self.cure.is_empty() {
            write!(f, "; {}", self.cure)?;
        }
        Ok(())
    }
}
