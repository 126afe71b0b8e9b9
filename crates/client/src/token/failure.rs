//! Why there is no token.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wxbot_sdk::api::{ApiError, ApiRefusal, Class};

/// Why there is no token. Stored during a backoff, in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenFailure {
    /// WeChat refused to give one.
    Refused { code: i64, message: String },
    /// The call did not go out.
    Unreachable(String),
    /// What stands before WeChat turned the call away.
    Unavailable {
        status: u16,
        /// In seconds.
        retry_after: Option<u64>,
    },
    /// No proper answer came back.
    Unclear(String),
    /// WeChat refuses the token that it gives out, and another may not be forced yet.
    StillRefused,
}

impl TokenFailure {
    /// What a failed call for a token comes to.
    pub(crate) fn of(error: ApiError) -> Self {
        match error {
            ApiError::Refused { refusal, .. } => {
                Self::Refused { code: refusal.code, message: refusal.message }
            }
            ApiError::Unreachable { source, .. } => Self::Unreachable(source.to_string()),
            ApiError::Unavailable { status, retry_after, .. } => {
                let retry_after = retry_after.map(|time| time.as_secs());
                Self::Unavailable { status, retry_after }
            }
            ApiError::Unclear { source, .. } => Self::Unclear(source.to_string()),
            ApiError::NoToken { cause, .. } => Self::of(*cause),
            ApiError::CircuitOpen { .. } | ApiError::Overloaded { .. } => {
                Self::Unreachable(error.to_string())
            }
            other => Self::Unclear(other.to_string()),
        }
    }

    /// As the error of the call for a token.
    pub(crate) fn to_error(&self, path: &str) -> ApiError {
        let path = path.to_owned();
        match self {
            Self::Refused { code, message } => {
                ApiError::Refused { path, refusal: ApiRefusal::new(*code, message) }
            }
            Self::Unreachable(cause) => ApiError::Unreachable { path, source: source(cause) },
            Self::Unavailable { status, retry_after } => {
                let retry_after = retry_after.map(Duration::from_secs);
                ApiError::Unavailable { path, status: *status, retry_after }
            }
            Self::Unclear(cause) => ApiError::Unclear { path, source: source(cause) },
            Self::StillRefused => {
                let text = "WeChat refuses the token, and another may not be forced yet";
                ApiError::Unclear { path, source: source(text) }
            }
        }
    }

    /// Whether WeChat refuses until somebody does something about it.
    pub(super) fn is_lasting(&self) -> bool {
        let Self::Refused { code, message } = self else { return false };
        ApiRefusal::new(*code, message).class() != Class::Transient
    }

    /// How long asking again is in vain, where that is known.
    pub(super) fn retry_after(&self) -> Duration {
        self.to_error("").retry_after().unwrap_or_default()
    }
}

fn source(text: &str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::from(text))
}
