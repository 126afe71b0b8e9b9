//! Why a call failed, and what is known of it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::class::Class;
use super::file_content::ContentError;
use super::refusal::ApiRefusal;

/// Why a call did not do what it should. None of them holds a token.
///
/// [`class`](Self::class) says what to do about it, for all of them.
#[derive(Debug, Clone, thiserror::Error)]
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
        source: Arc<dyn Error + Send + Sync>,
    },
    /// What stands before WeChat turned the call away, with 429 or 503; it may be made again.
    #[error("{path}: turned away with the status {status}")]
    Unavailable {
        /// The call.
        path: String,
        /// 429 or 503.
        status: u16,
        /// The `Retry-After` of the answer.
        retry_after: Option<Duration>,
    },
    /// The calls before this one failed, so it was not made; it may be made again.
    #[error("{path}: not called, as the calls before it failed")]
    CircuitOpen {
        /// The call.
        path: String,
        /// When calls are tried again.
        retry_after: Duration,
        /// The last of those failures.
        source: Box<ApiError>,
    },
    /// Too many calls of the account waited before this one, so it was not made; it may be made
    /// again.
    #[error("{path}: not called, as too many calls are waiting")]
    Overloaded {
        /// The call.
        path: String,
    },
    /// The call went out, and no answer that can be understood came back: WeChat may have done it.
    #[error("{path}: no proper answer, so it may have been done")]
    Unclear {
        /// The call.
        path: String,
        /// Without a URL, which would hold the token.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// What the call brings can't be had, so it was not made.
    #[error("{path}: not called, as the file can't be sent: {source}")]
    Content {
        /// The call.
        path: String,
        /// What is wrong with the file.
        source: ContentError,
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
    /// What is known of the call, and so what to do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::Refused { refusal, .. } => refusal.class(),
            Self::NoToken { cause, .. } => class_without_token(cause.class()),
            Self::Unreachable { .. }
            | Self::Unavailable { .. }
            | Self::CircuitOpen { .. }
            | Self::Overloaded { .. } => Class::Transient,
            Self::Unclear { .. } => Class::Unclear,
            Self::Content { source: ContentError::ReadOnce, .. } => Class::TokenSpent,
            Self::Content { .. } => Class::Permanent,
            Self::NotConfigured { .. } => Class::OperatorMustFix,
            Self::Unsupported { .. } => Class::Permanent,
        }
    }

    /// How long making the call again is in vain, where WeChat or the protocol page says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { refusal, .. } => refusal.retry_after(),
            Self::NoToken { cause, .. } => cause.retry_after(),
            Self::Unavailable { retry_after, .. } => *retry_after,
            Self::CircuitOpen { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }

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
        self.class() == Class::Unclear
    }
}

/// A call that lacks a token was not made, whatever became of the call for the token. Where WeChat
/// refuses to give one, only the operator can help: 40001 means a wrong secret there.
fn class_without_token(cause: Class) -> Class {
    match cause {
        Class::Transient | Class::Unclear => Class::Transient,
        Class::Quota => Class::Quota,
        _ => Class::OperatorMustFix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: i64) -> ApiError {
        let refusal = ApiRefusal::new(code, "invalid credential");
        ApiError::Refused { path: "/cgi-bin/stable_token".into(), refusal }
    }

    fn unavailable(status: u16) -> ApiError {
        let retry_after = Some(Duration::from_secs(7));
        ApiError::Unavailable { path: "/x".into(), status, retry_after }
    }

    fn cause(text: &str) -> Arc<dyn Error + Send + Sync> {
        Arc::from(Box::from(text))
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
        let unclear = ApiError::Unclear { path: "/x".into(), source: cause("closed") };
        let unreachable = ApiError::Unreachable { path: "/x".into(), source: cause("refused") };
        assert!(unclear.may_be_done());
        assert!(!unavailable(429).may_be_done() && !unavailable(503).may_be_done());
        assert!(!unreachable.may_be_done() && !refused(45015).may_be_done());
    }

    #[test]
    fn a_call_without_a_token_was_not_made_whatever_became_of_the_token() {
        let rows = [
            (refused(-1), Class::Transient, "WeChat is busy"),
            (ApiError::Unclear { path: "/x".into(), source: cause("x") }, Class::Transient, "lost"),
            (unavailable(503), Class::Transient, "turned away"),
            (refused(45009), Class::Quota, "too many calls for a token"),
            (refused(40164), Class::OperatorMustFix, "white list"),
            (refused(40001), Class::OperatorMustFix, "a wrong secret, not a spent token"),
            (refused(99999), Class::OperatorMustFix, "unlisted"),
        ];
        for (cause, expected, reason) in rows {
            let error = ApiError::NoToken { path: "/y".into(), cause: Box::new(cause) };
            assert_eq!(error.class(), expected, "{reason}");
        }
    }

    #[test]
    fn how_long_to_wait_is_said_where_it_is_known() {
        let seconds = |error: &ApiError| error.retry_after().map(|time| time.as_secs());
        assert_eq!(seconds(&unavailable(429)), Some(7));
        assert_eq!(seconds(&refused(45011)), Some(60));
        assert_eq!(seconds(&refused(45015)), None);
        let error = ApiError::NoToken { path: "/y".into(), cause: Box::new(refused(89503)) };
        assert_eq!(seconds(&error), Some(600));
    }
}
