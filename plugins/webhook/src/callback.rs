//! `callback`: an answer that takes long is posted to the bot when it is there.

use std::time::Duration;

use reqwest::Url;
use ring::digest::{SHA256, digest};
use wxbot_sdk::context::Context;
use wxbot_sdk::external::callback::{Callback, PendingAnswer};
use wxbot_sdk::plugin::Flow;

use crate::error::CallError;
use crate::signature::message_id;

/// How handlers answer by themselves.
pub(crate) struct Callbacks {
    base: String,
    /// How long an answer is waited for.
    ttl: Duration,
}

/// An answer that may come by itself, and how.
pub(crate) struct Expected {
    pub(crate) callback: Callback,
    answer: PendingAnswer,
}

impl Callbacks {
    /// Of the address of the console, as the handler reaches it, and the entry's timeout. A moment
    /// before that nobody waits any longer, so that no answer is taken for nobody.
    pub(crate) fn new(base: &str, timeout: Duration) -> Result<Self, String> {
        let expected =
            "`callback` is where the console is reached, such as `http://127.0.0.1:8081`";
        let url: Url = base.parse().map_err(|error| format!("{expected}: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            return Err(expected.to_owned());
        }
        Ok(Self { base: base.trim_end_matches('/').to_owned(), ttl: timeout - timeout / 50 })
    }

    /// Before the handler is asked, as it may be quicker than its own response. A store in trouble is
    /// no reason not to ask.
    pub(crate) async fn expect(&self, ctx: &Context) -> Option<Expected> {
        let (id, token) = (message_id(ctx), hex::encode(rand::random::<[u8; 32]>()));
        let hash = hex::encode(digest(&SHA256, token.as_bytes()));
        let answer = PendingAnswer::open(ctx, &id, &hash, self.ttl).await;
        let answer = answer.inspect_err(|error| tracing::warn!(%error, "there is no callback"));
        let url = format!("{}/callback/{id}", self.base);
        let expires_ms = u64::try_from(self.ttl.as_millis()).unwrap_or(u64::MAX);
        Some(Expected { callback: Callback { url, token, expires_ms }, answer: answer.ok()? })
    }
}

impl Expected {
    /// Whether the handler said already that its answer follows.
    pub(crate) fn was_promised(&self) -> bool {
        self.answer.was_promised()
    }

    /// Waits for it.
    pub(crate) async fn flow(&self, ctx: &Context) -> Result<Flow, CallError> {
        match self.answer.wait().await? {
            Some(answer) => Ok(answer.apply(ctx).await),
            None => Err(CallError::NothingPosted),
        }
    }

    /// What the handler has posted all the same, although the call failed.
    pub(crate) async fn abandon(self, ctx: &Context) -> Option<Flow> {
        Some(self.answer.abandon().await?.apply(ctx).await)
    }

    /// Nothing is expected any more.
    pub(crate) async fn close(self) {
        self.answer.close().await;
    }
}
