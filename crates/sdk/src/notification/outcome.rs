//! What became of a notification, as an event tells it (sections 4.4 and 4.5).

use super::kind::NotificationKind;
use super::sent::SentNotification;
use crate::event::{Event, SubscribeSent};
use crate::store::record::decode;
use crate::store::{Store, StoreError, keys};

/// What became of one notification, or of the question whether the follower wants any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationOutcome {
    /// What it is about.
    pub kind: NotificationKind,
    /// In short.
    pub fate: Fate,
    /// WeChat's own word for it: `success`, `failed:user block`, `accept` …
    pub status: String,
    /// The template, where the event names it.
    pub template_id: Option<String>,
    /// The answer to the call that sent it had the same, where it had any.
    pub msg_id: Option<u64>,
    /// The call. Not known where another program made it or more than an hour went by, and there is
    /// none where the follower was only asked.
    pub sent: Option<SentNotification>,
}

/// What becomes of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It arrived.
    Delivered,
    /// The follower refuses notifications.
    Blocked,
    /// It did not arrive.
    Failed,
    /// The follower agreed to one.
    Accepted,
    /// The follower wants none, or none any more.
    Rejected,
}

impl Fate {
    /// As it stands in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    fn of_template(status: &str) -> Self {
        match status {
            _ if status.starts_with("success") => Self::Delivered,
            _ if status.contains("user block") => Self::Blocked,
            _ => Self::Failed,
        }
    }

    fn of_subscription(sent: &SubscribeSent) -> Self {
        match sent.error_code {
            Some(0) => Self::Delivered,
            _ if sent.error_status == "success" => Self::Delivered,
            _ => Self::Failed,
        }
    }

    fn of_choice(status: &str) -> Self {
        if status == "accept" { Self::Accepted } else { Self::Rejected }
    }
}

impl NotificationOutcome {
    /// What an event says; most say nothing. The calls are still to be [looked up](Self::look_up).
    pub fn of_event(event: &Event) -> Vec<Self> {
        let choice = |template_id: &str, status: &str| {
            Self::of_subscription(Fate::of_choice(status), status, template_id)
        };
        match event {
            Event::TemplateSendJobFinish { msg_id, status } => vec![Self {
                kind: NotificationKind::Template,
                fate: Fate::of_template(status),
                status: status.clone(),
                template_id: None,
                msg_id: *msg_id,
                sent: None,
            }],
            Event::SubscribeMsgSent { list } => {
                let outcomes = list.iter().map(|sent| {
                    let fate = Fate::of_subscription(sent);
                    let outcome =
                        Self::of_subscription(fate, &sent.error_status, &sent.template_id);
                    Self { msg_id: sent.msg_id, ..outcome }
                });
                outcomes.collect()
            }
            Event::SubscribeMsgPopup { list } => {
                list.iter().map(|popup| choice(&popup.template_id, &popup.status)).collect()
            }
            Event::SubscribeMsgChange { list } => {
                list.iter().map(|change| choice(&change.template_id, &change.status)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn of_subscription(fate: Fate, status: &str, template_id: &str) -> Self {
        Self {
            kind: NotificationKind::Subscription,
            fate,
            status: status.to_owned(),
            template_id: Some(template_id.to_owned()),
            msg_id: None,
            sent: None,
        }
    }

    /// Finds the call, if this bot made it.
    pub async fn look_up(
        &mut self,
        store: &dyn Store,
        account: &str,
        openid: &str,
    ) -> Result<(), StoreError> {
        for name in self.names() {
            let found = store.get(&keys::notification(account, openid, &name)).await?;
            self.sent = found.and_then(|bytes| decode(&bytes).ok());
            if self.sent.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The names under which the call may be kept.
    fn names(&self) -> Vec<String> {
        if matches!(self.fate, Fate::Accepted | Fate::Rejected) {
            return Vec::new();
        }
        let by_id = self.msg_id.map(|id| id.to_string());
        let by_template = self.template_id.as_ref().map(|id| SentNotification::name(None, id));
        by_id.into_iter().chain(by_template).collect()
    }
}
