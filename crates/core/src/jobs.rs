//! What instances are to do at a time: each job once, over all instances of the bot.

pub mod listing; // for the operator
pub mod intervention; // by the operator
mod place; // of a page
pub(crate) mod worker; // finds what is due
mod lookout; // and knows what was missed
mod schedules; // are there, each once
mod run; // one job
mod next; // what becomes of it
mod leased_item; // in the queue
mod log_name; // as the log calls it
mod lease;
