//! Stop 4, have we met it? Every message is worked on once, in its follower's order, on one of the
//! instances.

pub(crate) mod ledger; // a repeat joins the work, or gets the response already given
pub(crate) mod order; // one follower's messages, one at a time
pub(crate) mod instances; // the same, over all instances that share a store
pub(crate) mod turn;
mod watching;
