//! What a handler in another program is asked.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::callback::Callback;
use super::remembered;
use crate::context::Context;
use crate::message::Message;

/// Of the contract. What is only added, is added without a new one.
pub const VERSION: u32 = 1;
/// A request is not longer, in bytes. A body of WeChat's has 1 MiB at most, and in JSON more.
pub const MAX_REQUEST_BYTES: usize = 2 << 20;

/// What a handler is asked.
#[derive(Serialize, JsonSchema)]
pub struct Request<'m> {
    /// Comes back in the answer, where one connection carries many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Of the contract.
    version: u32,
    /// The account's id in `bot.toml`.
    account: &'m str,
    /// The link's id in the chain.
    link: &'m str,
    /// What was said.
    message: &'m Message,
    /// What is remembered of the follower.
    session: Option<Map<String, Value>>,
    /// So long a passive reply is possible, in milliseconds.
    remaining_ms: u64,
    /// Where to post an answer that takes longer, once this request was answered with `later`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
}

impl<'m> Request<'m> {
    /// What the message is, what is remembered of the follower, and how long a passive reply is
    /// possible. A failing store is no reason not to ask: then nothing is remembered.
    pub async fn new(ctx: &'m Context) -> Self {
        let session = remembered::get(ctx).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a session can't be read");
            None
        });
        Self {
            id: None,
            version: VERSION,
            account: ctx.account(),
            link: ctx.link(),
            message: ctx.message(),
            session,
            remaining_ms: u64::try_from(ctx.remaining().as_millis()).unwrap_or(u64::MAX),
            callback: None,
        }
    }

    /// As it is sent; `None` if it is longer than [`MAX_REQUEST_BYTES`].
    pub fn to_json(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(self).expect("a message has no keys but texts");
        (json.len() <= MAX_REQUEST_BYTES).then_some(json)
    }
}
