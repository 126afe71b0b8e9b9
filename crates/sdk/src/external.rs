//! Handlers in other programs: the JSON that they are asked with, and the JSON that they answer.
//!
//! Whatever carries it, HTTP or a pipe, the contract is the one of `docs/en/other-languages.md`.

mod answer;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use answer::{Answer, AnswerError};

use crate::context::Context;
use crate::message::Message;
use crate::session::SessionState;

/// Of the contract. What is only added, is added without a new one.
pub const VERSION: u32 = 1;
/// An answer is not longer, in bytes: many times what WeChat takes.
pub const MAX_ANSWER_BYTES: usize = 256 << 10;
/// A request is not longer, in bytes. A body of WeChat's has 1 MiB at most, and in JSON more.
pub const MAX_REQUEST_BYTES: usize = 2 << 20;

/// Left of WeChat's window for whoever is asked next, when a handler does not answer.
const RESERVED: Duration = Duration::from_millis(1500);
/// A message of which little or nothing of the window is left is asked about all the same: its
/// answer follows by itself.
const SHORTEST: Duration = Duration::from_secs(5);

/// What a handler is asked.
#[derive(Serialize)]
pub struct Request<'m> {
    /// Comes back in the answer, where one connection carries many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    version: u32,
    account: &'m str,
    link: &'m str,
    message: &'m Message,
    session: Option<Map<String, Value>>,
    remaining_ms: u64,
}

impl<'m> Request<'m> {
    /// What the message is, what is remembered of the follower, and how long a passive reply is
    /// possible. A store in trouble is no reason not to ask: then nothing is remembered.
    pub async fn new(ctx: &'m Context) -> Self {
        let remembered = ctx.session::<Remembered>().get().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a session can't be read");
            None
        });
        Self {
            id: None,
            version: VERSION,
            account: ctx.account(),
            link: ctx.link(),
            message: ctx.message(),
            session: remembered.and_then(|Remembered(session)| session),
            remaining_ms: u64::try_from(ctx.remaining().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// As it is sent; `None` if it is longer than [`MAX_REQUEST_BYTES`].
    pub fn to_json(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(self).expect("a message has no keys but texts");
        (json.len() <= MAX_REQUEST_BYTES).then_some(json)
    }
}

/// What a handler wants to be remembered of a follower: an object of its own.
#[derive(Default, Serialize, Deserialize)]
struct Remembered(Option<Map<String, Value>>);

impl SessionState for Remembered {}

/// How long a handler may take: what the operator said, or so long that another link can still
/// answer inside WeChat's window.
pub fn time_limit(ctx: &Context, chosen: Option<Duration>) -> Duration {
    chosen.unwrap_or_else(|| ctx.remaining().saturating_sub(RESERVED).max(SHORTEST))
}
