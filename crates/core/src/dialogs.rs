//! Open questions to followers: where they are kept, and what a message has to do with them.

pub mod listing; // for the operator
mod record;
mod index;
mod store;
mod message;

pub(crate) use message::MessageDialogs;
pub(crate) use record::OpenDialog;
pub(crate) use store::{DialogStore, Look};
