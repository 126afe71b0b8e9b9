//! Answers that were not ready in time: promised, kept, sent (protocol sections 2.6 and 7.3).
//!
//! A late answer is in the store before WeChat is answered `success` or the notice, and leaves it
//! when WeChat's API took it or the follower was given it. Whatever dies on the way, somebody
//! finds it there.

pub mod settings;
pub mod variables; // of its texts
pub(crate) mod texts; // filled in
pub mod act; // what a follower did, and what it allows
pub mod item; // what the outbox holds
pub mod listing; // the outbox as an operator sees it
mod place; // of a page of it
pub mod intervention; // what an operator may do about it
pub mod live_outbox; // the same of a bot that runs
pub(crate) mod outbox; // in the store
pub(crate) mod unwritten; // what the store would not take
pub(crate) mod lease; // who works on an item has it to themselves
pub(crate) mod account; // what its late answers have in common
pub(crate) mod kept; // for the follower's next message
pub(crate) mod next_message; // what one follower is given with it
mod waiting; // a list of those
pub(crate) mod compose; // one reply of several answers
pub(crate) mod access; // may the account send?
pub(crate) mod quota; // how much may it still send?
pub(crate) mod sender; // sends, keeps, retries, gives up
mod after; // a call that failed
pub(crate) mod log; // of what goes wrong with many at once
pub(crate) mod messenger; // sends what answers nothing
