//! What the outbox holds: promises, and replies on their way.

use serde::{Deserialize, Serialize};

use crate::envelope;
use crate::repeat::Key;
use crate::reply::xml::Writer;
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::store::Item;

/// A late answer, from the moment it is promised until WeChat's API took its last part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The account's id in `bot.toml`.
    pub account: String,
    /// Whom it is for.
    pub openid: String,
    /// The start of what was asked; empty for events.
    pub question: String,
    /// The act of the follower that it answers, in Unix seconds.
    pub said_at: u64,
    /// What that act allows (protocol section 7.3).
    pub allows: Allowance,
    /// It is given up then, in Unix milliseconds.
    pub expires: u64,
    /// How often sending it was tried without luck.
    pub attempts: u32,
    /// Why it was not sent the last time.
    pub trouble: Option<String>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a late answer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It is worked on. If the instance that does so dies, another one begins again.
    Promised {
        /// The instance.
        by: String,
        /// The message, as XML in the clear.
        message: String,
        /// How it will be given.
        route: Route,
    },
    /// These are still to be sent.
    Ready {
        /// In order.
        parts: Vec<Reply>,
    },
}

/// How a late answer reaches the follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Route {
    /// As customer-service messages.
    Api,
    /// It waits for the follower's next message.
    Kept,
}

/// How many customer-service messages an act of a follower allows, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Messages.
    pub messages: u32,
    /// Seconds.
    pub seconds: u64,
}

impl Allowance {
    const NONE: Self = Self { messages: 0, seconds: 0 };
    const WROTE: Self = Self { messages: 5, seconds: 48 * 3600 };
    const ACTED: Self = Self { messages: 3, seconds: 60 };

    /// By what the follower did (the table in protocol section 7.3).
    pub fn of(message: &Message) -> Self {
        use wxbot_sdk::event::Event;
        use wxbot_sdk::message::Content;
        match &message.content {
            Content::Event(
                Event::Click { .. }
                | Event::ScancodePush { .. }
                | Event::ScancodeWaitmsg { .. }
                | Event::Subscribe { .. }
                | Event::Scan { .. },
            )
            | Content::Text { menu_id: Some(_), .. } => Self::ACTED,
            Content::Event(_) => Self::NONE,
            _ => Self::WROTE,
        }
    }
}

/// Characters of the question that are shown with a later answer.
const QUESTION: usize = 16;

impl Entry {
    /// A promise to answer a message.
    pub(crate) fn promise(
        message: &Message,
        account: &str,
        route: Route,
        by: &str,
        expires: u64,
    ) -> Self {
        let mut body = Writer::with_capacity(512);
        body.elements(message.fields().children());
        Self {
            account: account.to_owned(),
            openid: message.openid.clone(),
            question: question(message),
            said_at: message.create_time,
            allows: Allowance::of(message),
            expires,
            attempts: 0,
            trouble: None,
            stage: Stage::Promised { by: by.to_owned(), message: body.finish(), route },
        }
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
        Self { stage: Stage::Ready { parts }, ..self }
    }

    pub(crate) fn item(&self, id: &str, due: u64) -> Item {
        let value = serde_json::to_vec(self).expect("texts and numbers are JSON");
        Item { id: id.to_owned(), value, due }
    }

    /// Reads an item of the outbox; `None` if it was written by something else.
    pub fn read(item: &Item) -> Option<Self> {
        serde_json::from_slice(&item.value).ok()
    }
}

/// The id of the entry with an instance's late answer to a message.
pub(crate) fn answer_id(key: Key, instance: &str) -> String {
    format!("{}.{instance}", key.to_hex())
}

/// The id of the entry with what follows an answer in time.
pub(crate) fn rest_id(key: Key) -> String {
    format!("{}+", key.to_hex())
}

/// The id of an instance's promise.
pub(crate) fn promise_id(key: Key, instance: &str) -> String {
    format!("{}@{instance}", key.to_hex())
}

/// The message that an entry is about.
pub(crate) fn key(id: &str) -> Option<Key> {
    Key::from_hex(id.get(..40)?)
}

pub(crate) fn is_promise(id: &str) -> bool {
    id.contains('@')
}

pub(crate) fn is_answer(id: &str) -> bool {
    id.contains('.')
}

/// The message of a promise.
pub(crate) fn message(body: &str) -> Option<Message> {
    let (fields, _) = envelope::read(body.as_bytes()).ok()?;
    Message::read(fields).ok()
}

pub(crate) fn question(message: &Message) -> String {
    let text = message.text().unwrap_or_default().trim();
    let mut question: String = text.chars().take(QUESTION).collect();
    if text.chars().nth(QUESTION).is_some() {
        question.push('…');
    }
    question.replace('\n', " ")
}
