//! A tool that was called because a language model wished it.

use std::fmt;
use std::time::Duration;

/// What an instance had done for a follower on a model's wish: it stands in the trace, and in the metric
/// `wxbot_tool_calls_total` by entry and outcome. What the model wrote is in none of it, not even the
/// name of a tool that it made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Whose tool it is.
    pub owner: ToolOwner,
    /// What came of it.
    pub outcome: ToolOutcome,
    /// How long that took.
    pub took: Duration,
}

/// Whose tool a model called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolOwner {
    /// An entry's: its id, and the command as its plugin names it.
    Entry {
        /// As in `bot.toml`.
        id: String,
        /// One of the plugin's.
        command: &'static str,
    },
    /// A server's of the Model Context Protocol: its name, as the settings allow it.
    Mcp(String),
    /// Nobody's: there is no such tool, or not for this follower.
    Nobody,
}

/// What came of a tool that a model called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ToolOutcome {
    /// It was called, and answered.
    Ok,
    /// It was not called: the follower may not use it, now or at all, or there is none.
    Refused,
    /// It was called with what it does not take, or failed.
    Failed,
    /// It did not answer in time.
    TimedOut,
}

impl ToolOwner {
    /// The id of the entry, `mcp` or `unknown`, for a metric.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Entry { id, .. } => id,
            Self::Mcp(_) => "mcp",
            Self::Nobody => "unknown",
        }
    }
}

impl fmt::Display for ToolOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { id, command } => write!(f, "{command} of {id}"),
            Self::Mcp(tool) => write!(f, "{tool} (mcp)"),
            Self::Nobody => f.write_str("no tool of this follower"),
        }
    }
}

impl ToolOutcome {
    /// For a metric.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
        }
    }
}
