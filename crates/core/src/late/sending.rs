//! Sends late replies as customer-service messages, and decides what a failure means.

use super::{Entry, LEASE, Late, Stage, millis};
use crate::metrics::Lates;
use crate::road::Door;
use wxbot_sdk::api::{ApiError, Class};
use wxbot_sdk::custom::CustomMessage;

/// What to do after a call that failed.
#[derive(Debug, PartialEq, Eq)]
enum After {
    /// WeChat did not do it, and may do it later.
    Again,
    /// It may not be sent now: the answer waits for the follower's next message.
    Wait,
    /// The same, and nothing more may be sent until the follower acts.
    UsedUp,
    /// It may have been delivered: sending it again could double it.
    Leave,
    /// It will never be delivered.
    Never,
}

impl After {
    /// By what is known of the call.
    fn of(error: &ApiError) -> Self {
        if matches!(error, ApiError::NotConfigured { .. } | ApiError::Unsupported { .. }) {
            return Self::Wait;
        }
        match error.class() {
            Class::Transient | Class::TokenSpent | Class::Quota | Class::OperatorMustFix => {
                Self::Again
            }
            Class::FollowerLimit => Self::UsedUp,
            Class::NotAllowed => Self::Wait,
            Class::Unclear => Self::Leave,
            Class::Permanent => Self::Never,
        }
    }
}

impl Late {
    /// Sends what is left of an entry, part by part.
    pub(crate) async fn send(&self, door: &Door, id: &str, mut entry: Entry) {
        while let Stage::Ready { parts } = &mut entry.stage {
            if parts.is_empty() {
                return self.take_back(id).await;
            }
            let Some(message) = CustomMessage::from_reply(&parts[0]) else {
                // Handing over to a human is only possible in a passive reply (section 5).
                parts.remove(0);
                continue;
            };
            if self.left(&entry).await == 0 {
                return self.keep(door, id, entry).await;
            }
            let Some(api) = door.access().api() else { return self.keep(door, id, entry).await };
            let result = api.send(&entry.openid, &message).await;
            door.access().learn(result.as_ref().err()).await;
            match result {
                Ok(()) => {
                    self.sent(&mut entry).await;
                    if !self.write_down(id, &entry).await {
                        return;
                    }
                }
                Err(error) => return self.after(door, id, entry, &error).await,
            }
        }
    }

    async fn sent(&self, entry: &mut Entry) {
        self.metrics.count(&entry.account, Lates::Sent);
        self.quotas.count(entry, self.clock.seconds()).await;
        if let Stage::Ready { parts } = &mut entry.stage {
            parts.remove(0);
        }
    }

    /// Notes what is left, before anything else is sent. Says whether to go on: not when somebody
    /// dropped the entry.
    async fn write_down(&self, id: &str, entry: &Entry) -> bool {
        if matches!(&entry.stage, Stage::Ready { parts } if parts.is_empty()) {
            return true;
        }
        self.rewrite(id, entry, self.clock.millis() + millis(LEASE)).await
    }

    async fn after(&self, door: &Door, id: &str, entry: Entry, error: &ApiError) {
        match After::of(error) {
            After::Again if self.clock.millis() < entry.expires => {
                self.postpone(id, entry, &error.to_string()).await;
            }
            After::Wait => self.keep(door, id, entry).await,
            After::UsedUp => {
                self.quotas.used_up(&entry, self.clock.seconds()).await;
                self.keep(door, id, entry).await;
            }
            After::Leave => {
                self.metrics.count(&entry.account, Lates::Unclear);
                self.give_up(id, entry, &format!("{error}; it is not sent twice")).await;
            }
            After::Again | After::Never => self.give_up(id, entry, &error.to_string()).await,
        }
    }
}
