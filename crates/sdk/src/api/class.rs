//! What is known of a call that failed, and so what to do about it.

/// What is known of a call that failed. Only an [`Unclear`](Self::Unclear) one may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Not done, and it passes by itself: WeChat is busy or can't be reached, or the call was not
    /// made. Make it again, with a backoff.
    Transient,
    /// Not done: WeChat refuses the access token, and a new one could not be had in time. Make it
    /// again, with a backoff.
    TokenSpent,
    /// Not done: the calls of the minute, day or month are used up. Make it again later.
    Quota,
    /// Not done until the operator puts something right, for example the IP white list. Make it
    /// again later; somebody has to be told.
    OperatorMustFix,
    /// Not done: this account may not make this call. It will be the same for every follower.
    NotAllowed,
    /// Not done: the account may make this call, but not for this follower until they act. The 48 h
    /// are over, the messages they allow are used up, or typing is shown already.
    FollowerLimit,
    /// Not done, and it never will be: the call itself is wrong, or the follower is gone.
    Permanent,
    /// It went out and no proper answer came back: making it again may do it twice.
    Unclear,
}
