//! What a follower did, and what WeChat lets an account send them for it (protocol section 7.3).

use serde::{Deserialize, Serialize};
use wxbot_sdk::context::Incoming;
use wxbot_sdk::event::Event;
use wxbot_sdk::message::{Content, Message};

/// What a follower did that is to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerAct {
    /// The account's id in `bot.toml`.
    pub account: String,
    /// The follower.
    pub openid: String,
    /// When, in Unix seconds.
    pub at: u64,
    /// What it allows.
    pub allows: Allowance,
}

impl FollowerAct {
    pub(crate) fn of(incoming: &Incoming) -> Self {
        let message = &incoming.message;
        Self {
            account: incoming.account.to_string(),
            openid: message.openid.clone(),
            at: message.create_time,
            allows: Allowance::of(message),
        }
    }
}

/// How many customer-service messages an act of a follower allows, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Messages.
    pub messages: u32,
    /// Seconds.
    pub seconds: u64,
}

impl Allowance {
    const NONE: Self = Self { messages: 0, seconds: 0 };
    pub(crate) const WROTE: Self = Self { messages: 5, seconds: 48 * 3600 };
    const ACTED: Self = Self { messages: 3, seconds: 60 };

    /// By what the follower did (the table in protocol section 7.3).
    pub fn of(message: &Message) -> Self {
        match &message.content {
            Content::Event(
                Event::Click { .. }
                | Event::ScancodePush { .. }
                | Event::ScancodeWaitmsg { .. }
                | Event::Subscribe { .. }
                | Event::Scan { .. },
            )
            | Content::Text { menu_id: Some(_), .. } => Self::ACTED,
            Content::Event(_) => Self::NONE,
            _ => Self::WROTE,
        }
    }
}
