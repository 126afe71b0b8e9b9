//! A message that came in.

use std::sync::Arc;

use crate::api::Api;
use crate::job::JobSignal;
use crate::message::Message;
use crate::sending::Messenger;
use crate::store::Store;

/// A message, where it came in, and what belongs to that account.
pub struct Incoming {
    /// The message.
    pub message: Message,
    /// The account's id in `bot.toml`.
    pub account: Arc<str>,
    /// Its AppID, where `bot.toml` has it.
    pub app_id: Option<Arc<str>>,
    /// WeChat's API, as this account.
    pub api: Arc<dyn Api>,
    /// Sends messages of this account that answer nothing.
    pub messenger: Arc<dyn Messenger>,
    /// What the bot keeps.
    pub store: Arc<dyn Store>,
    /// Told of jobs that are added.
    pub job_signal: JobSignal,
    /// When it arrived, in Unix seconds.
    pub received_at: u64,
}

impl Incoming {
    /// The same with other words in the message.
    pub(super) fn with_words(&self, words: &str) -> Self {
        Self {
            message: self.message.with_words(words),
            account: Arc::clone(&self.account),
            app_id: self.app_id.clone(),
            api: Arc::clone(&self.api),
            messenger: Arc::clone(&self.messenger),
            store: Arc::clone(&self.store),
            job_signal: self.job_signal.clone(),
            received_at: self.received_at,
        }
    }
}
