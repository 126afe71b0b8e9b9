//! Everything between WeChat and the bot about one act: each delivery, and the outcome.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::bubble::Bubble;
use crate::cause::{Cause, Note};
use crate::endpoint::{Broken, Request, Response};
use crate::phone::Shown;

/// The deliveries of one act, and what WeChat made of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The follower it was about.
    pub openid: String,
    /// The number of the follower's act, from 1; none for WeChat's own events.
    pub act: Option<u64>,
    /// Set for messages, none for events.
    pub msg_id: Option<u64>,
    /// One to three.
    pub deliveries: Vec<DeliveryRecord>,
    /// The outcome for the follower.
    pub verdict: Verdict,
    /// What WeChat cut from the answer.
    pub notes: Vec<Note>,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryRecord {
    /// Unix milliseconds.
    pub sent_at: u64,
    /// Until the answer, or until WeChat hung up; in milliseconds in JSON.
    #[serde(serialize_with = "millis")]
    pub took: Duration,
    /// The request.
    pub request: Request,
    /// The result.
    pub outcome: Outcome,
    /// The result of its duplicate, if a fault made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub double: Option<Outcome>,
}

/// The result of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer.
    Answered(Response),
    /// No answer: WeChat hung up after 5 seconds.
    TimedOut,
    /// The connection broke.
    #[serde(serialize_with = "text")]
    Broken(Broken),
}

/// What an exchange meant for the follower.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The follower saw an answer.
    Reply(Shown),
    /// The bot answered `success`, or nothing.
    Silence,
    /// The follower saw WeChat's notice.
    Notice(Cause),
    /// There was no chat to show the outcome in.
    Nowhere(Unseen),
}

/// An outcome that nobody saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// An answer to an event that takes none, or to somebody who has unfollowed since.
    Reply(Bubble),
    /// A failure.
    Failure(Cause),
}

impl Exchange {
    /// The text that the follower saw, if the answer was one.
    pub fn text(&self) -> Option<&str> {
        self.reply()?.as_text()
    }

    /// The answer that the follower saw.
    pub fn reply(&self) -> Option<&Bubble> {
        match &self.verdict {
            Verdict::Reply(shown) => shown.bubble(),
            _ => None,
        }
    }

    /// Why the follower saw the notice.
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
