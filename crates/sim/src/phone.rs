//! The follower's phone: what the chat with the account shows.

use serde::Serialize;

use crate::bubble::Bubble;

/// The notice that WeChat shows when the bot fails (section 2.5).
pub const NOTICE: &str = "该公众号提供的服务出现故障，请稍后再试";

/// One thing that the chat shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Unix milliseconds.
    pub at: u64,
    /// What it shows.
    pub what: What,
    /// How it arrived.
    pub via: Via,
    /// The number of the follower's act that it answers, from 1; none if it came through the API.
    pub answers: Option<u64>,
}

/// What the chat shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A message from the bot.
    Bubble(Bubble),
    /// WeChat's notice that the bot failed.
    Notice(&'static str),
    /// The typing indicator.
    Typing,
    /// The end of the typing indicator.
    TypingEnded,
}

/// How something arrived on the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// As a passive reply, the answer to a delivery.
    Passive,
    /// Through the API.
    Api,
}

impl Shown {
    /// The bubble, if it is one.
    pub fn bubble(&self) -> Option<&Bubble> {
        match &self.what {
            What::Bubble(bubble) => Some(bubble),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        self.bubble()?.as_text()
    }
}
