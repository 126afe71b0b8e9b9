//! The two kinds of notifications, and where they differ on the wire.

use serde::{Deserialize, Serialize};

/// Sends a template message.
const TEMPLATE: &str = "/cgi-bin/message/template/send";
/// Sends a subscription notification.
const SUBSCRIPTION: &str = "/cgi-bin/message/subscribe/bizsend";

/// The two kinds of notifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotificationKind {
    /// A template message, for verified service accounts.
    #[default]
    Template,
    /// A subscription notification: one for each time that the follower agreed to it.
    Subscription,
}

impl NotificationKind {
    /// As it stands in metrics and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Subscription => "subscription",
        }
    }

    /// The kind that a call of this path sends.
    pub fn of_path(path: &str) -> Option<Self> {
        [Self::Template, Self::Subscription].into_iter().find(|kind| kind.path() == path)
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Template => TEMPLATE,
            Self::Subscription => SUBSCRIPTION,
        }
    }

    pub(super) fn url_field(self) -> &'static str {
        match self {
            Self::Template => "url",
            Self::Subscription => "page",
        }
    }
}
