//! What a plugin may use while it looks at one message.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::account::Account;
use crate::event::Event;
use crate::matcher::Subject;
use crate::message::{Content, Message};
use crate::store::{Shelf, Store};
use crate::window::Window;

/// The message, the account, the clock, and what the instance keeps.
#[derive(Clone)]
pub struct Context {
    message: Arc<Message>,
    account: Arc<Account>,
    store: Arc<dyn Store>,
    link: Arc<str>,
    window: Window,
    now: u64,
}

impl Context {
    pub(crate) fn new(
        message: Arc<Message>,
        account: Arc<Account>,
        store: Arc<dyn Store>,
        window: Window,
        now: u64,
    ) -> Self {
        Self { message, account, store, link: "".into(), window, now }
    }

    /// Before a link is asked: what it keeps is its own.
    pub(crate) fn lend_to(&mut self, link: &Arc<str>) {
        self.link = Arc::clone(link);
    }

    /// The message, with everything that came.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// What the message is.
    pub fn content(&self) -> &Content {
        &self.message.content
    }

    /// What a text message says; `None` for every other kind.
    pub fn text(&self) -> Option<&str> {
        self.message.text()
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        self.message.event()
    }

    /// The follower.
    pub fn openid(&self) -> &str {
        &self.message.openid
    }

    /// The account's id in `bot.toml`.
    pub fn account(&self) -> &str {
        &self.account.id
    }

    /// The instance's id in the chain.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// What a [`Matcher`](crate::matcher::Matcher) looks at.
    pub fn subject(&self) -> Subject<'_> {
        Subject { message: &self.message, account: &self.account.id, now: self.now }
    }

    /// When the message arrived.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now)
    }

    /// What is left of the time in which WeChat takes an answer.
    pub fn remaining(&self) -> Duration {
        self.window.remaining()
    }

    /// What this instance keeps, for all followers.
    pub fn store(&self) -> Shelf {
        Shelf::new(Arc::clone(&self.store), &["link", &self.link])
    }

    /// What this instance keeps about this follower of this account.
    pub fn session(&self) -> Shelf {
        let parts = ["session", &self.link, &self.account.id, &self.message.openid];
        Shelf::new(Arc::clone(&self.store), &parts)
    }
}
