//! The follower's phone: what the chat with the account shows, in order.

use serde::Serialize;

use crate::bubble::Bubble;

/// What clients show when the bot failed (section 2.5).
pub const NOTICE: &str = "该公众号提供的服务出现故障，请稍后再试";

/// One thing that came to the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Unix milliseconds.
    pub at: u64,
    /// What one sees.
    pub what: What,
    /// How it came.
    pub via: Via,
    /// The number of the follower's act that it answers, from 1. What came by the API answers none.
    pub answers: Option<u64>,
}

/// What one sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// What the bot said.
    Bubble(Bubble),
    /// What WeChat says when the bot failed.
    Notice(&'static str),
    /// "The other side is typing."
    Typing,
    /// It is not any more.
    TypingEnded,
}

/// How it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// As the answer to a delivery.
    Passive,
    /// By the API.
    Api,
}

impl Shown {
    /// The bubble, when it is one.
    pub fn bubble(&self) -> Option<&Bubble> {
        match &self.what {
            What::Bubble(bubble) => Some(bubble),
            _ => None,
        }
    }

    /// The words, when it is a text.
    pub fn text(&self) -> Option<&str> {
        self.bubble()?.as_text()
    }
}
