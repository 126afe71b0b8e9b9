//! Messages that answer nothing: what an account says to a follower first.

use std::fmt;

use async_trait::async_trait;
use serde::Serialize;

use crate::notification::{Notification, Receipt};
use crate::reply::Reply;

/// Sends messages of one account within WeChat's rules (protocol section 7.3): a follower who wrote
/// may be sent five customer-service messages within 48 hours.
#[async_trait]
pub trait Messenger: Send + Sync {
    /// Sends each part of a reply, in order. The first that can't be sent ends it, and where it is
    /// the first of all, the notification goes out instead. Nothing is sent again by itself.
    async fn send(&self, openid: &str, sending: Sending) -> Result<Sent, SendError>;

    /// Whether the account can send customer-service messages, as far as anybody knows: WeChat is
    /// asked where that is not known yet.
    async fn can_send(&self, openid: &str) -> bool;
}

/// What is to be sent: a reply while the follower may be sent one, a notification otherwise.
///
/// ```
/// # use wxbot_sdk::prelude::*;
/// let shipped = Notification::template("TPL_SHIPPED").value("thing1", "a pot of tea");
/// let news = Sending::new("Your tea is on its way.").or(shipped);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// A customer-service message, or several.
    pub reply: Option<Reply>,
    /// What goes out where WeChat takes no customer-service message.
    pub otherwise: Option<Notification>,
}

impl Sending {
    /// A reply, and nothing where the follower has to write first.
    pub fn new(reply: impl Into<Reply>) -> Self {
        Self { reply: Some(reply.into()), otherwise: None }
    }

    /// With a notification for a follower who may not be sent the reply.
    #[must_use]
    pub fn or(self, notification: Notification) -> Self {
        Self { otherwise: Some(notification), ..self }
    }
}

impl<R: Into<Reply>> From<R> for Sending {
    fn from(reply: R) -> Self {
        Self::new(reply)
    }
}

/// Nothing but the notification.
impl From<Notification> for Sending {
    fn from(notification: Notification) -> Self {
        Self { reply: None, otherwise: Some(notification) }
    }
}

/// WeChat took everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Messages sent; a long text becomes several.
    pub messages: usize,
    /// Of the notification, where that is what was sent.
    pub notification: Option<Receipt>,
}

/// A messenger where there is none: whatever it is asked for is [`NotSent::Account`].
pub struct NoMessenger;

#[async_trait]
impl Messenger for NoMessenger {
    async fn send(&self, _: &str, _: Sending) -> Result<Sent, SendError> {
        let outcome = NotSent::Account;
        Err(SendError { outcome, of: 1, ..SendError::invalid("nothing can be sent from here") })
    }

    async fn can_send(&self, _: &str) -> bool {
        false
    }
}

/// Why a follower was not sent everything. With serde it is what `POST /send` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendError {
    /// What is known.
    pub outcome: NotSent,
    /// How many messages were sent before it failed.
    pub sent: usize,
    /// How many there are in all.
    pub of: usize,
    /// WeChat's, where it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errcode: Option<i64>,
    /// The reason, and what helps.
    pub message: String,
}

/// What is known of a message that was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// It is no message that can be sent. Nothing was.
    Invalid,
    /// WeChat allows nothing more until the follower writes.
    FollowerMustWrite,
    /// The account can't send, or somebody has to put something right first.
    Account,
    /// WeChat refuses this message, or this follower.
    Refused,
    /// Not now: WeChat is busy or can't be reached. It may be sent again.
    TryLater,
    /// Nobody knows whether the follower has it: sent again, they may have it twice.
    Unclear,
}

impl SendError {
    /// Whether all of it may be sent again later, and nobody gets any part of it twice.
    pub fn may_be_repeated(&self) -> bool {
        self.outcome == NotSent::TryLater && self.sent == 0
    }

    /// What can't be sent as it is.
    pub fn invalid(message: impl Into<String>) -> Self {
        let outcome = NotSent::Invalid;
        Self { outcome, sent: 0, of: 0, errcode: None, message: message.into() }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sent > 0 {
            write!(f, "only {} of {} messages were sent: ", self.sent, self.of)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for SendError {}
