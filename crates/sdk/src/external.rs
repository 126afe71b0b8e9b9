//! Handlers in other programs: the JSON that they are asked with, and the JSON that they answer.
//!
//! Whatever carries it, HTTP or a pipe, the contract is the one of `docs/en/other-languages.md`.

mod request;
mod answer;
mod remembered;
mod schema;

use std::time::Duration;

pub use answer::{Answer, AnswerError};
pub use request::{MAX_REQUEST_BYTES, Request, VERSION};
pub use schema::schema;

use crate::context::Context;

/// An answer is not longer, in bytes: many times what WeChat takes.
pub const MAX_ANSWER_BYTES: usize = 256 << 10;

/// Left of WeChat's window for whoever is asked next, when a handler does not answer.
const RESERVED: Duration = Duration::from_millis(1500);
/// A message of which little or nothing of the window is left is asked about all the same: its
/// answer follows by itself.
const SHORTEST: Duration = Duration::from_secs(5);

/// How long a handler may take: what the operator said, or so long that another link can still
/// answer inside WeChat's window.
pub fn time_limit(ctx: &Context, chosen: Option<Duration>) -> Duration {
    chosen.unwrap_or_else(|| ctx.remaining().saturating_sub(RESERVED).max(SHORTEST))
}
