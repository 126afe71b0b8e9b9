//! What came of one act: each delivery, and how it ended.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::bubble::Bubble;
use crate::endpoint::{Broken, Request, Response};
use crate::judge::{Cause, Note};
use crate::phone::Shown;

/// The deliveries of one act, and what WeChat made of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Whom it was about.
    pub openid: String,
    /// The number of the follower's act, from 1; WeChat's own events have none.
    pub act: Option<u64>,
    /// Messages have one, events none.
    pub msg_id: Option<u64>,
    /// One to three.
    pub deliveries: Vec<DeliveryRecord>,
    /// How it ended.
    pub verdict: Verdict,
    /// What the phone shows less of than the bot said.
    pub notes: Vec<Note>,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// Unix milliseconds.
    pub sent_at: u64,
    /// Until the answer, or until WeChat hung up. In milliseconds in JSON.
    #[serde(serialize_with = "millis")]
    pub took: Duration,
    /// What was posted.
    pub request: Request,
    /// What came back.
    pub outcome: Outcome,
    /// What came back to its double, if a fault made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub double: Option<Outcome>,
}

/// What came back from a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer.
    Answered(Response),
    /// Nothing, and WeChat hung up after 5 seconds.
    TimedOut,
    /// The connection came to nothing.
    #[serde(serialize_with = "text")]
    Broken(Broken),
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The follower got an answer.
    Reply(Shown),
    /// The bot had nothing to say.
    Silence,
    /// The follower got WeChat's notice.
    Notice(Cause),
    /// There was no chat to show it in.
    Nowhere(Unseen),
}

/// What nobody saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// An answer to an event that takes none, or to who has unfollowed since.
    Reply(Bubble),
    /// A failure.
    Failure(Cause),
}

impl Exchange {
    /// The words the follower got, when it was a text.
    pub fn text(&self) -> Option<&str> {
        self.reply()?.as_text()
    }

    /// What the follower got.
    pub fn reply(&self) -> Option<&Bubble> {
        match &self.verdict {
            Verdict::Reply(shown) => shown.bubble(),
            _ => None,
        }
    }

    /// Why the follower got a notice.
    pub fn failure(&self) -> Option<&Cause> {
        match &self.verdict {
            Verdict::Notice(cause) => Some(cause),
            _ => None,
        }
    }
}

fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn text<S: Serializer>(broken: &Broken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(broken)
}
