//! What WeChat is answered about a message, whichever delivery that reaches, and how an answer
//! that is not ready in time follows.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What WeChat is answered about a message, decided once for all its deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Response {
    /// `success`: the follower sees nothing, or the answer follows.
    Success,
    /// A passive reply, as XML in the clear, which all deliveries share.
    #[serde(with = "text")]
    Reply(Bytes),
}

impl Response {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Success => 0,
            Self::Reply(xml) => xml.len(),
        }
    }
}

/// That an answer follows: made by the last delivery that could not wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Promise {
    /// How the answer follows.
    pub(crate) route: Route,
    /// Of its item in the outbox. The answer has an item of its own, so that a promise that is
    /// written late, or by another instance, can't overwrite it.
    pub(crate) id: String,
}

/// How a late answer reaches the follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// As customer-service messages.
    CustomerService,
    /// It waits for the follower's next message.
    NextMessage,
}

/// Stored as a text.
mod text {
    use bytes::Bytes;
    use serde::ser::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(std::str::from_utf8(text).map_err(S::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        String::deserialize(from).map(Bytes::from)
    }
}
