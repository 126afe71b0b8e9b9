//! Why this answer was given: who was asked, what it decided, how long it took.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::context::Noted;

use crate::reply::limits::Correction;

/// The way of one message through the chain.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// One for each link that was asked, in order.
    pub steps: Vec<Step>,
    /// What was changed so that WeChat takes the reply.
    pub correction: Option<Correction>,
}

/// One link that was asked.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its place in the chain, from 0.
    pub place: usize,
    /// Its id.
    pub link: Arc<str>,
    /// `handle`, or `after` when it looked at the reply.
    pub hook: Hook,
    /// What it decided.
    pub verdict: Verdict,
    /// What it counted, and which tools a model called.
    pub noted: Noted,
    /// How long that took.
    pub took: Duration,
}

impl Step {
    /// What it decided, and what it counted.
    pub fn decision(&self) -> String {
        let Noted { counted, .. } = &self.noted;
        match counted.is_empty() {
            true => self.verdict.to_string(),
            false => format!("{}: {}", self.verdict, counted.join(", ")),
        }
    }
}

/// Which function of a plugin was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// [`Handler::handle`](wxbot_sdk::plugin::Handler::handle)
    Handle,
    /// [`Handler::after`](wxbot_sdk::plugin::Handler::after)
    After,
}

/// What a link decided, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not mine.
    Passed,
    /// The answer, with its kind.
    Replied(&'static str),
    /// Nothing to say, nobody else asked.
    Stopped,
    /// The reply was changed.
    Changed,
    /// An error; `on_error` decided.
    Failed(String),
    /// A panic, with its text; `on_error` decided.
    Panicked(String),
    /// Not finished within its `timeout`; `on_error` decided.
    TimedOut(Duration),
    /// Not asked, because it answered so lately; so long it lasts.
    CoolingDown(Duration),
    /// Not asked, because the follower is not of its audience, and told so.
    Refused,
    /// Not asked, because so many calls of it block their threads; `on_error` decided.
    Overloaded(usize),
}

impl Verdict {
    /// Whether the plugin was called at all.
    pub(super) fn was_asked(&self) -> bool {
        !matches!(self, Self::CoolingDown(_) | Self::Refused | Self::Overloaded(_))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("pass"),
            Self::Replied(kind) => write!(f, "reply ({kind})"),
            Self::Stopped => f.write_str("stop"),
            Self::Changed => f.write_str("changed the reply"),
            Self::Failed(error) => write!(f, "error: {error}"),
            Self::Panicked(text) => write!(f, "panic: {text}"),
            Self::TimedOut(timeout) => write!(f, "timed out after {timeout:?}"),
            Self::CoolingDown(left) => write!(f, "cooling down for {} s", left.as_secs()),
            Self::Refused => f.write_str("refused: not of its audience"),
            Self::Overloaded(calls) => {
                write!(f, "not asked: {calls} calls of it block their threads")
            }
        }
    }
}
