//! What the chain decided, message by message.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_core::chain::trace::{Hook, Trace};
use wxbot_core::journal::{JournalEvent, Observer};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::{Content, Message};
use wxbot_sdk::reply::Reply;

/// Remembers all that a bot was asked.
#[derive(Debug)]
pub(crate) struct Traces {
    clock: Clock,
    /// By account and openid.
    asked: Mutex<HashMap<(String, String), Vec<Asked>>>,
}

/// One message, and what the chain made of it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    about: About,
    /// When it was decided, in Unix milliseconds.
    pub(crate) at: u64,
    pub(crate) replies: Vec<Reply>,
    pub(crate) trace: Trace,
}

/// Messages are told apart by their MsgId, events by all that they say.
#[derive(Debug, Clone, PartialEq)]
enum About {
    Message(u64),
    Event(u64, Box<Content>),
}

impl About {
    fn of(message: &Message) -> Self {
        match message.msg_id {
            Some(msg_id) => Self::Message(msg_id),
            None => Self::Event(message.create_time, Box::new(message.content.clone())),
        }
    }
}

impl Asked {
    /// The link whose reply was taken: nobody is asked after it.
    pub(crate) fn answered_by(&self) -> Option<&str> {
        let mut asked = self.trace.steps.iter().filter(|step| step.hook == Hook::Handle);
        asked.next_back().filter(|_| !self.replies.is_empty()).map(|step| &*step.link)
    }
}

impl Traces {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, asked: Mutex::default() }
    }

    /// What came of this message; the last time, if it was worked on again.
    pub(crate) fn of(&self, account: &str, message: &Message) -> Option<Asked> {
        let about = About::of(message);
        let all = self.all();
        let asked = all.get(&(account.to_owned(), message.openid.clone()))?;
        asked.iter().rev().find(|asked| asked.about == about).cloned()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(String, String), Vec<Asked>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Traces {
    fn observe(&self, event: &JournalEvent<'_>) {
        let JournalEvent::Asked { incoming, replies, trace } = event else { return };
        let message = &incoming.message;
        let asked = Asked {
            about: About::of(message),
            at: self.clock.millis(),
            replies: replies.to_vec(),
            trace: Trace::clone(trace),
        };
        let whose = (incoming.account.to_string(), message.openid.clone());
        self.all().entry(whose).or_default().push(asked);
    }
}
