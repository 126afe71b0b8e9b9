//! WeChat's API as a plugin sees it (protocol section 7): calls of one account, with its token.

mod codes;
mod media;
mod refusal;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

pub use media::{Download, MediaKind, Upload, Uploaded};
pub use refusal::ApiRefusal;

pub use crate::call::Call;
use crate::custom::{self, CustomMessage};

/// Calls WeChat's API for one account. `wxbot-client` has the implementation: it brings the access
/// token, renews it when WeChat says that it is spent, and never prints it.
#[async_trait]
pub trait Api: Send + Sync {
    /// Makes one call and returns WeChat's JSON, or why there is none.
    async fn request(&self, call: Call) -> Result<Value, ApiError>;

    /// Puts a file on WeChat's servers for three days (section 7.7).
    async fn upload(&self, upload: Upload) -> Result<Uploaded, ApiError> {
        drop(upload);
        Err(ApiError::Unsupported { path: media::UPLOAD.into() })
    }

    /// Fetches what a follower sent, or what was uploaded (section 7.7).
    async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        let _ = media_id;
        Err(ApiError::Unsupported { path: media::GET.into() })
    }

    /// A POST with JSON.
    async fn post(&self, path: &str, body: Value) -> Result<Value, ApiError> {
        self.request(Call::post(path, body)).await
    }

    /// A GET.
    async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.request(Call::get(path)).await
    }

    /// Sends a customer-service message (section 7.3).
    async fn send(&self, openid: &str, message: &CustomMessage) -> Result<(), ApiError> {
        self.request(message.call(openid)).await.map(drop)
    }

    /// Shows the follower that an answer is being typed, for about 15 s (section 7.3).
    async fn typing(&self, openid: &str) -> Result<(), ApiError> {
        self.request(custom::typing(openid)).await.map(drop)
    }

    /// Takes that back.
    async fn cancel_typing(&self, openid: &str) -> Result<(), ApiError> {
        self.request(custom::cancel_typing(openid)).await.map(drop)
    }
}

/// The API of an account that lacks what calls need: refuses each with
/// [`ApiError::NotConfigured`].
pub struct Unconfigured {
    /// The account's id in `bot.toml`.
    pub account: Arc<str>,
    /// The key that is missing there.
    pub key: &'static str,
}

#[async_trait]
impl Api for Unconfigured {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        let account = self.account.to_string();
        Err(ApiError::NotConfigured { path: call.path, account, key: self.key })
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
    /// WeChat gave no access token, so the call was not made; it may be made later.
    #[error("{path}: not called, as there is no access token: {cause}")]
    NoToken {
        /// The call.
        path: String,
        /// What became of the call for a token.
        cause: Box<ApiError>,
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
    /// The implementation has no such call; one for tests may leave out files.
    #[error("{path}: this API can't do that")]
    Unsupported {
        /// The call.
        path: String,
    },
}

impl ApiError {
    /// The errcode that WeChat answered this call with, where it gave one. The refusal of a token
    /// does not count: this call was not made then.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal.code),
            _ => None,
        }
    }

    /// Whether WeChat may have done what was asked: then doing it again may do it twice.
    pub fn may_be_done(&self) -> bool {
        matches!(self, Self::Unclear { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i64) -> ApiError {
        let refusal = ApiRefusal::new(code, "invalid credential");
        ApiError::Refused { path: "/cgi-bin/stable_token".into(), refusal }
    }

    #[test]
    fn the_code_of_a_refused_token_is_not_that_of_the_call() {
        let cause = Box::new(refused(40125));
        let error = ApiError::NoToken { path: "/cgi-bin/menu/get".into(), cause };
        assert_eq!((error.code(), refused(40125).code()), (None, Some(40125)));
        let text = error.to_string();
        assert!(text.starts_with("/cgi-bin/menu/get: not called, as there is no access"), "{text}");
        assert!(text.contains("/cgi-bin/stable_token: WeChat refused with 40125"), "{text}");
    }

    #[test]
    fn only_an_unclear_call_may_have_been_done() {
        let unclear = ApiError::Unclear { path: "/x".into(), source: "closed".into() };
        let unreachable = ApiError::Unreachable { path: "/x".into(), source: "refused".into() };
        assert!(unclear.may_be_done());
        assert!(!unreachable.may_be_done() && !refused(45015).may_be_done());
    }
}
