//! Why there is no token.

use std::error::Error;
use std::sync::Arc;

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
    /// No proper answer came back.
    Unclear(String),
    /// WeChat refuses the token that it gives out, and another may not be forced yet.
    StillRefused,
}

impl TokenFailure {
    /// What a failed call for a token comes to.
    pub(super) fn of(error: ApiError) -> Self {
        match error {
            ApiError::Refused { refusal, .. } => {
                Self::Refused { code: refusal.code, message: refusal.message }
            }
            ApiError::Unreachable { source, .. } => Self::Unreachable(source.to_string()),
            ApiError::Unclear { source, .. } => Self::Unclear(source.to_string()),
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
            Self::Unclear(cause) => ApiError::Unclear { path, source: source(cause) },
            Self::StillRefused => {
                let text = "WeChat refuses the token, and another may not be forced yet";
                ApiError::Unclear { path, source: source(text) }
            }
        }
    }

    /// The refusal that stays until somebody does something about it.
    pub(super) fn lasting_refusal(&self) -> Option<ApiRefusal> {
        let Self::Refused { code, message } = self else { return None };
        let refusal = ApiRefusal::new(*code, message);
        (refusal.class() != Class::Transient).then_some(refusal)
    }
}

fn source(text: &str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::from(text))
}
