//! Stops 5 and 6: the work on a message, and what WeChat is answered while it lasts.

pub(crate) mod window; // WeChat's clock, as arithmetic
pub(crate) mod shared; // what all deliveries of a message share
pub(crate) mod job; // one message, and what it takes to work on it
pub(crate) mod run; // turn → chain → conclusion
mod outcomes; // what became of notifications
mod plan; // of the response, and of the rest
pub(crate) mod conclusion; // the answer is there: in time, or late?
pub(crate) mod delivery; // waits for the answer, as long as WeChat does
pub(crate) mod replay_log; // what was seen, for the next process and the other instances
pub(crate) mod outbox_worker; // late answers whose process died, or that are tried again
mod left_behind; // by the previous process
mod resumption; // of work that another process had promised
