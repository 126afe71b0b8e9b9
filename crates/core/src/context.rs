//! What a plugin may use while it looks at one message.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use serde_json::Value;

use crate::account::Account;
use crate::api::{Api, ApiError, Call};
use crate::event::Event;
use crate::matcher::Subject;
use crate::message::{Content, Message};
use crate::reply::Reply;
use crate::store::{Shelf, Store};
use crate::window::Window;
use crate::work::Work;

/// The message, the account, the clock, and what the instance keeps.
#[derive(Clone)]
pub struct Context {
    about: Arc<About>,
    store: Arc<dyn Store>,
    /// The instance that looks at it now.
    link: Option<Arc<str>>,
    window: Window,
    /// What all deliveries of the message wait for.
    work: Option<Arc<Work>>,
    now: u64,
}

/// The message and who it was said to.
pub(crate) struct About {
    pub(crate) message: Message,
    pub(crate) account: Arc<Account>,
    pub(crate) api: Option<Arc<dyn Api>>,
}

impl Context {
    pub(crate) fn new(
        about: Arc<About>,
        store: Arc<dyn Store>,
        window: Window,
        work: Option<Arc<Work>>,
        now: u64,
    ) -> Self {
        Self { about, store, link: None, window, work, now }
    }

    pub(crate) fn about(&self) -> &Arc<About> {
        &self.about
    }

    /// Before a link is asked: what it keeps is its own.
    pub(crate) fn lend_to(&mut self, link: &Arc<str>) {
        self.link = Some(Arc::clone(link));
    }

    /// The message, with everything that came.
    pub fn message(&self) -> &Message {
        &self.about.message
    }

    /// What the message is.
    pub fn content(&self) -> &Content {
        &self.message().content
    }

    /// What a text message says; `None` for every other kind.
    pub fn text(&self) -> Option<&str> {
        self.message().text()
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        self.message().event()
    }

    /// The follower.
    pub fn openid(&self) -> &str {
        &self.about.message.openid
    }

    /// The account's id in `bot.toml`.
    pub fn account(&self) -> &str {
        &self.about.account.id
    }

    /// The instance's id in the chain.
    pub fn link(&self) -> &str {
        self.link.as_deref().unwrap_or_default()
    }

    /// What a [`Matcher`](crate::matcher::Matcher) looks at.
    pub fn subject(&self) -> Subject<'_> {
        Subject { message: self.message(), account: self.account(), now: self.now }
    }

    /// When the message arrived.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.now)
    }

    pub(crate) fn unix_now(&self) -> u64 {
        self.now
    }

    /// What is left of the time in which WeChat takes a passive reply, over all its deliveries:
    /// about 15 s in all. An answer that takes longer follows by itself.
    pub fn remaining(&self) -> Duration {
        self.window.remaining()
    }

    /// Says right now that the answer will take long, instead of letting WeChat wait until the
    /// last moment. The answer follows by itself; most plugins need not do this.
    pub fn later(&self, notice: impl Into<Reply>) {
        if let Some(work) = &self.work {
            work.later(notice.into());
        }
    }

    /// WeChat's API, as this account (protocol section 7). Where the account has no `app_secret`,
    /// every call says so.
    pub fn api(&self) -> Arc<dyn Api> {
        match &self.about.api {
            Some(api) => Arc::clone(api),
            None => Arc::new(NoApi { account: Arc::clone(&self.about.account) }),
        }
    }

    /// What this instance keeps, for all followers.
    pub fn store(&self) -> Shelf {
        Shelf::new(Arc::clone(&self.store), &["link", self.link()])
    }

    /// What this instance keeps about this follower of this account.
    pub fn session(&self) -> Shelf {
        let parts = ["session", self.link(), self.account(), self.openid()];
        Shelf::new(Arc::clone(&self.store), &parts)
    }
}

/// The API of an account that has none.
struct NoApi {
    account: Arc<Account>,
}

#[async_trait]
impl Api for NoApi {
    async fn request(&self, call: Call) -> Result<Value, ApiError> {
        let account = self.account.id.clone();
        let key = if self.account.app_id.is_empty() { "app_id" } else { "app_secret" };
        Err(ApiError::NotConfigured { path: call.path, account, key })
    }
}
