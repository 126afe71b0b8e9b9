//! What the chain was asked and what it decided, message by message.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wxbot_core::chain::trace::{Hook, Trace};
use wxbot_core::journal::{JournalEvent, Observer};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::message::{Content, Message};
use wxbot_sdk::reply::Reply;

/// Records all that one or more bots were asked. It only grows: a rehearsal is short.
#[derive(Debug)]
pub struct AskedLog {
    clock: Clock,
    /// By account and openid.
    asked: Mutex<HashMap<(String, String), Vec<Asked>>>,
}

/// One message, and what the chain made of it.
#[derive(Debug, Clone)]
pub struct Asked {
    about: About,
    /// The text, or an event's key.
    said: String,
    /// When it was decided, in Unix milliseconds.
    pub at: u64,
    /// The replies, part by part.
    pub replies: Vec<Reply>,
    /// Each link that was asked, and its decision.
    pub trace: Trace,
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
    pub fn answered_by(&self) -> Option<&str> {
        let mut asked = self.trace.steps.iter().filter(|step| step.hook == Hook::Handle);
        asked.next_back().filter(|_| !self.replies.is_empty()).map(|step| &*step.link)
    }
}

impl AskedLog {
    /// An empty log that goes by this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock, asked: Mutex::default() }
    }

    /// What came of this message; the last time, if it was worked on again.
    pub fn last(&self, account: &str, message: &Message) -> Option<Asked> {
        let about = About::of(message);
        let all = self.all();
        let asked = all.get(&(account.to_owned(), message.openid.clone()))?;
        asked.iter().rev().find(|asked| asked.about == about).cloned()
    }

    /// How often the chain was asked about this text, or event key, of this follower.
    pub fn count(&self, openid: &str, said: &str) -> usize {
        let all = self.all();
        let theirs = all.iter().filter(|((_, one), _)| one == openid).flat_map(|(_, asked)| asked);
        theirs.filter(|asked| asked.said == said).count()
    }

    /// How often the chain was asked in all, and about how many messages.
    pub fn total(&self) -> (usize, usize) {
        let all = self.all();
        let messages = all.values().map(|asked| {
            let earlier = |place: usize| asked[..place].iter().map(|asked| &asked.about);
            let is_first =
                |place: &usize| !earlier(*place).any(|about| *about == asked[*place].about);
            (0..asked.len()).filter(is_first).count()
        });
        (all.values().map(Vec::len).sum(), messages.sum())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(String, String), Vec<Asked>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for AskedLog {
    fn observe(&self, event: &JournalEvent<'_>) {
        let JournalEvent::Asked { incoming, replies, trace } = event else { return };
        let message = &incoming.message;
        let asked = Asked {
            about: About::of(message),
            said: message.text().or(message.event_key()).unwrap_or_default().to_owned(),
            at: self.clock.millis(),
            replies: replies.to_vec(),
            trace: Trace::clone(trace),
        };
        let whose = (incoming.account.to_string(), message.openid.clone());
        self.all().entry(whose).or_default().push(asked);
    }
}
