//! An item of the outbox: a promise, or an answer on its way.

use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Incoming;
use wxbot_sdk::custom::CustomMessage;
use wxbot_sdk::fields::Fields;
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::Item;
use wxbot_sdk::store::record::{Record, RecordError, decode, encode};

use super::act::FollowerAct;
use crate::key::MessageKey;
use crate::response::Route;

/// A late answer, from the moment it is promised until WeChat's API took its last part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// What it answers.
    pub act: FollowerAct,
    /// The start of what was asked; empty for events.
    pub question: String,
    /// It is given up then, in Unix milliseconds.
    pub expires: u64,
    /// The account's, which is another one's where two bots call theirs the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Failed attempts to send it.
    pub attempts: u32,
    /// Why it was not sent the last time.
    pub last_error: Option<String>,
    /// When an operator last had it tried again, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retried: Option<u64>,
    /// How far it is.
    pub stage: Stage,
}

impl Record for OutboxItem {
    const NAME: &'static str = "outbox item";
    const VERSION: u32 = 1;
}

/// How far a late answer is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is worked on. If the instance that does so dies, another one begins again.
    Promised {
        /// The instance.
        by: String,
        /// The message, as it was read.
        message: Fields,
        /// How it will be given.
        route: Route,
    },
    /// These are still to be sent.
    Ready {
        /// In order.
        parts: Vec<Reply>,
        /// They wait for the follower's next message, too, as they can't be sent right now.
        #[serde(default)]
        offered: bool,
        /// How many times sending the first of them was begun without its end being recorded.
        #[serde(default, skip_serializing_if = "is_zero")]
        begun: u32,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Characters of the question that are shown with a later answer.
const QUESTION: usize = 16;

impl OutboxItem {
    /// A promise to answer a message.
    pub(crate) fn promise(incoming: &Incoming, route: Route, by: &str, expires: u64) -> Self {
        let message = &incoming.message;
        Self {
            act: FollowerAct::of(incoming),
            app_id: None,
            question: question(message),
            expires,
            attempts: 0,
            last_error: None,
            retried: None,
            stage: Stage::Promised { by: by.to_owned(), message: message.fields().clone(), route },
        }
    }

    /// The message of a promise.
    pub(crate) fn message(&self) -> Option<Message> {
        let Stage::Promised { message, .. } = &self.stage else { return None };
        Message::read(message.clone()).ok()
    }

    /// How often the work on it was begun; none any more where the answer is there.
    pub(crate) fn attempts_at_work(&self) -> u32 {
        match self.stage {
            Stage::Promised { .. } => self.attempts,
            Stage::Ready { .. } => 0,
        }
    }

    /// The same, of the account with this app id.
    pub(crate) fn of_app(self, app_id: &str) -> Self {
        Self { app_id: (!app_id.is_empty()).then(|| app_id.to_owned()), ..self }
    }

    /// The same, worked on by this instance.
    pub(crate) fn by(mut self, instance: String) -> Self {
        if let Stage::Promised { by, .. } = &mut self.stage {
            *by = instance;
        }
        self
    }

    /// The same with its answer.
    pub(crate) fn ready(self, parts: Vec<Reply>) -> Self {
        Self { stage: Stage::Ready { parts, offered: false, begun: 0 }, ..self }
    }

    /// What is to be sent next, of an answer. Handing over to a human is only possible in a passive
    /// reply (section 5), so that part is left out.
    pub(crate) fn next_part(&mut self) -> Option<CustomMessage> {
        let Stage::Ready { parts, .. } = &mut self.stage else { return None };
        let first = parts.iter().position(|part| CustomMessage::from_reply(part).is_some());
        parts.drain(..first.unwrap_or(parts.len()));
        CustomMessage::from_reply(parts.first()?)
    }

    /// WeChat does not take the next part: what stands in its place follows instead, where there is
    /// anything.
    pub(crate) fn fall_back(&mut self) -> bool {
        let Stage::Ready { parts, .. } = &mut self.stage else { return false };
        let Some(part) = parts.first_mut().filter(|part| part.is_custom()) else { return false };
        *part = part.passive().clone();
        true
    }

    /// The next part is sent.
    pub(crate) fn remove_part(&mut self) {
        if let Stage::Ready { parts, .. } = &mut self.stage {
            parts.remove(0);
        }
    }

    /// How often sending the next part was begun without its end being recorded.
    pub(crate) fn begun(&self) -> u32 {
        if let Stage::Ready { begun, .. } = self.stage { begun } else { 0 }
    }

    pub(crate) fn set_begun(&mut self, count: u32) {
        if let Stage::Ready { begun, .. } = &mut self.stage {
            *begun = count;
        }
    }

    /// Whether it waits for the follower's next message, too.
    pub(crate) fn is_offered(&self) -> bool {
        matches!(self.stage, Stage::Ready { offered: true, .. })
    }

    pub(crate) fn to_item(&self, id: &str, due: u64) -> Item {
        Item { id: id.to_owned(), value: encode(self), due }
    }

    /// Reads an item of the outbox.
    pub fn read(item: &Item) -> Result<Self, RecordError> {
        decode(&item.value)
    }
}

/// The id of the item with an instance's late answer to a message.
pub(crate) fn answer_id(key: MessageKey, instance: &str) -> String {
    format!("{}.{instance}", key.to_hex())
}

/// The id of the item with what follows an answer in time.
pub(crate) fn rest_id(key: MessageKey) -> String {
    format!("{}+", key.to_hex())
}

/// The id of an instance's promise.
pub(crate) fn promise_id(key: MessageKey, instance: &str) -> String {
    format!("{}@{instance}", key.to_hex())
}

/// The message that an item is about.
pub(crate) fn key(id: &str) -> Option<MessageKey> {
    MessageKey::from_hex(id.get(..40)?)
}

pub(crate) fn is_promise(id: &str) -> bool {
    id.contains('@')
}

pub(crate) fn is_answer(id: &str) -> bool {
    id.contains('.')
}

fn question(message: &Message) -> String {
    let text = message.text().unwrap_or_default().trim();
    let mut question: String = text.chars().take(QUESTION).collect();
    if text.chars().nth(QUESTION).is_some() {
        question.push('…');
    }
    question.replace('\n', " ")
}

#[cfg(test)]
impl OutboxItem {
    /// One that is this far.
    pub(crate) fn example(stage: Stage) -> Self {
        let allows = super::act::Allowance { messages: 5, seconds: 172_800 };
        let (account, openid) = ("main".into(), "oABC1".into());
        Self {
            act: FollowerAct { account, openid, at: 1_735_689_600, allows },
            app_id: None,
            question: "多少钱？".into(),
            expires: 1_735_776_000_000,
            attempts: 2,
            last_error: Some("WeChat refused with 45009".into()),
            retried: None,
            stage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn items_have_golden_files() {
        let mut message = Fields::default();
        for (name, text) in [("MsgType", "text"), ("Content", "多少钱？"), ("odd name", "<&")] {
            let place = message.push(0, name);
            message.push_text(place, text);
        }
        let promised =
            Stage::Promised { by: "a1b2".into(), message, route: Route::CustomerService };
        golden::check("outbox-item.1.promised.json", &OutboxItem::example(promised));
        let parts = vec![Reply::text("¥99"), Reply::image("MEDIA")];
        let ready = Stage::Ready { parts, offered: true, begun: 0 };
        golden::check("outbox-item.1.ready.json", &OutboxItem::example(ready));
    }

    #[test]
    fn another_version_names_itself() {
        let newer = br#"{"version":2,"record":{}}"#.to_vec();
        let error = OutboxItem::read(&Item { id: "x".into(), value: newer, due: 0 }).unwrap_err();
        let said = "the record `outbox item` has version 2, this program knows version 1";
        assert_eq!(error.to_string(), said);
    }
}
