//! What follows a call of WeChat's API that failed.

use wxbot_sdk::api::{ApiError, Class};

/// What to do after a call that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// WeChat did not do it, and may do it later.
    Retry,
    /// It may not be sent now: the answer waits for the follower's next message.
    Keep,
    /// The same, and nothing more may be sent until the follower acts.
    KeepUntilFollowerActs,
    /// It may have been delivered.
    Unclear,
    /// It will never be delivered.
    GiveUp,
}

impl After {
    /// By what is known (the table in protocol section 7.2).
    pub(super) fn of(error: &ApiError) -> Self {
        if matches!(error, ApiError::NotConfigured { .. } | ApiError::Unsupported { .. }) {
            return Self::Keep;
        }
        match error.class() {
            Class::Transient | Class::TokenSpent | Class::Quota | Class::OperatorMustFix => {
                Self::Retry
            }
            Class::NotAllowed => Self::Keep,
            Class::FollowerLimit => Self::KeepUntilFollowerActs,
            Class::Unclear => Self::Unclear,
            Class::Permanent => Self::GiveUp,
        }
    }
}
