//! Stops 1 and 2: from a request to the fields of a message that WeChat surely sent.

pub mod query; // what is signed
pub mod signature; // 1 is it WeChat?
pub mod envelope; // 2 open it
pub mod cipher;
pub(crate) mod replay;
pub mod refusal;
