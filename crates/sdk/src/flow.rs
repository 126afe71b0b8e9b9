//! Where a message goes from a link: on, or nowhere else.

use crate::reply::Reply;

/// What a link says about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// Not mine: the next link is asked.
    Pass,
    /// This is the answer: no further link is asked.
    Reply(Reply),
    /// There is nothing to say, and nobody else is asked. WeChat gets `success`.
    Stop,
}

impl Flow {
    /// An answer, from anything that makes one.
    pub fn reply(reply: impl Into<Reply>) -> Self {
        Self::Reply(reply.into())
    }
}
