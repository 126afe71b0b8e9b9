//! Handlers in other programs: the JSON that they are asked with, and the JSON that they answer.
//!
//! Whatever carries it, HTTP or a pipe, the contract is the one of `docs/en/other-languages.md`.

mod request;
mod answer;
mod remembered;
pub mod callback;
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
    chosen.unwrap_or_else(|| within(ctx.remaining()))
}

fn within(remaining: Duration) -> Duration {
    remaining.saturating_sub(RESERVED).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_that_hangs_leaves_another_link_time_to_answer() {
        let table = [
            (14_000, 12_500, "the first one that is asked"),
            (9_000, 7_500, "behind one that took 5 s"),
            (6_000, 5_000, "little is left: the answer may be late"),
            (0, 5_000, "nothing is left: it is late anyhow"),
        ];
        for (remaining, limit, reason) in table {
            let [remaining, limit] = [remaining, limit].map(Duration::from_millis);
            assert_eq!(within(remaining), limit, "{reason}");
        }
    }
}
