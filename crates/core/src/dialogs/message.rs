//! One message, and the dialogs of whoever sent it.

use std::sync::Arc;

use wxbot_sdk::clock::Clock;
use wxbot_sdk::context::Context;
use wxbot_sdk::dialog::Question;
use wxbot_sdk::message::Message;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::store::keys;
use wxbot_sdk::store::record::encode;

use super::record::{FollowerDialogs, GivenFlow, OpenDialog};
use super::store::{self, DialogStore, Look, Seen};
use crate::key::MessageKey;

/// Who wrote so long before a question was asked, in milliseconds, had not seen it. Clocks of
/// instances may differ by less.
const BEFORE_THE_QUESTION: u64 = 2000;

/// The dialogs of the follower whose message is worked on.
pub(crate) struct MessageDialogs<'s> {
    store: &'s DialogStore,
    clock: Clock,
    message: MessageKey,
    /// In Unix milliseconds.
    arrived: u64,
    /// What is open, or why that is not known.
    seen: Result<Seen, Arc<str>>,
}

impl<'s> MessageDialogs<'s> {
    /// Those of a message that arrived at a time, in Unix milliseconds.
    pub(crate) async fn of(
        store: &'s DialogStore,
        ctx: &Context,
        message: MessageKey,
        arrived: u64,
        look: Look,
        clock: Clock,
    ) -> Self {
        let (account, openid, now) = (ctx.account(), ctx.openid(), clock.millis());
        let seen = match look {
            Look::Found(None) => Ok(Seen::default()),
            Look::Found(bytes) => store::seen(keys::dialog(account, openid), bytes, now),
            Look::NotYet => store.read(account, openid, now).await,
            Look::Needed => store.read_anyway(account, openid, now).await,
        };
        let seen = seen.map_err(|error| {
            tracing::debug!(%error, "degraded: whether a dialog is open is not known");
            error.to_string().into()
        });
        Self { store, clock, message, arrived, seen }
    }

    /// Whether the follower has none, and the message has nothing to do with any.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen.as_ref().is_ok_and(|seen| seen.bytes.is_none())
    }

    /// Whether a link has a part in this message that its `when` does not decide alone: a question
    /// of it is open that the message may answer, or not.
    pub(crate) fn has_part(&self, link: &str, message: &Message) -> Option<bool> {
        if self.given(link).is_some() {
            return Some(true);
        }
        self.open(link)?;
        Some(self.answered(link, message).is_some())
    }

    /// The dialog of a link whose question the message may answer.
    pub(crate) fn answered(&self, link: &str, message: &Message) -> Option<&OpenDialog> {
        let open = self.open(link)?;
        let is_wanted = message.event().is_none() || open.question.takes_events();
        let is_later = self.arrived + BEFORE_THE_QUESTION >= open.asked_at;
        (is_wanted && is_later && message.takes_reply()).then_some(open)
    }

    /// What a link said to this message, before its process died.
    pub(crate) fn given(&self, link: &str) -> Option<Flow> {
        let dialogs = &self.seen.as_ref().ok()?.dialogs;
        let given = dialogs.given(&self.message.to_hex(), link)?;
        Some(given.clone().into())
    }

    /// The dialog of a link that is open.
    pub(crate) fn open(&self, link: &str) -> Option<&OpenDialog> {
        self.seen.as_ref().ok()?.dialogs.open_of(link)
    }

    /// The question of a link that the message answers, or why that is not known.
    pub(crate) fn question(
        &self,
        link: &str,
        message: &Message,
    ) -> Result<Option<Question>, Arc<str>> {
        self.seen.as_ref().map_err(Arc::clone)?;
        Ok(self.answered(link, message).map(|open| open.question.clone()))
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.millis()
    }

    /// Writes down that a link's dialog takes a step: this is open now, and this is said. If
    /// another process was quicker with the same message, what that one said counts.
    pub(crate) async fn step(
        &mut self,
        ctx: &Context,
        open: Option<OpenDialog>,
        flow: Flow,
    ) -> Result<Flow, String> {
        let (link, now, message) = (ctx.link(), self.now(), self.message.to_hex());
        let before = self.open(link).cloned();
        let seen = std::mem::replace(&mut self.seen, Err("it was not saved".into())).ok();
        let mut outcome = Ok(flow.clone());
        let step = |dialogs: &mut FollowerDialogs| {
            if let Some(given) = dialogs.given(&message, link) {
                outcome = Ok(given.clone().into());
                return false;
            }
            if dialogs.open_of(link).is_some_and(|open| Some(open) != before.as_ref()) {
                outcome = Err("another message has changed the dialog meanwhile".to_owned());
                return false;
            }
            let given = GivenFlow::from(flow.clone());
            dialogs.step(message.clone(), link, open.clone(), given, now);
            true
        };
        let changed = self.store.change(ctx.account(), ctx.openid(), seen, now, step).await;
        let dialogs = changed.map_err(|error| format!("the dialog was not saved: {error}"))?;
        self.seen = Ok(Seen { bytes: Some(encode(&dialogs)), dialogs });
        outcome
    }
}
