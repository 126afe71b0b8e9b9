//! One POST of WeChat, and what it gets.

use bytes::Bytes;
use tokio::time::Instant;

use crate::receive::envelope::Seal;
use crate::response::Response;

/// One POST of WeChat.
pub struct Post<'p, B> {
    /// The raw query.
    pub query: &'p str,
    /// The body, read only once the query is verified.
    pub body: B,
    /// When the request arrived.
    pub arrived: Instant,
    /// The same on the clock, in Unix seconds.
    pub now: u64,
}

/// What WeChat gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `success`: there is nothing to say, or it follows later.
    Success,
    /// A passive reply in its envelope, XML or JSON.
    Reply(Bytes),
    /// Nothing: WeChat must have hung up, and delivers again.
    HungUp,
}

impl Answer {
    pub(super) fn seal(response: Option<Response>, seal: Option<Seal<'_>>, now: u64) -> Self {
        match (response, seal) {
            (None, _) => Self::HungUp,
            (Some(Response::Success), _) => Self::Success,
            (Some(Response::Reply(xml)), None) => Self::Reply(xml),
            (Some(Response::Reply(xml)), Some(seal)) => {
                Self::Reply(seal.close(&xml, now, rand::random()).into())
            }
        }
    }
}
