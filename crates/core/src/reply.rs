//! Stop 7, say it: a reply within WeChat's limits, as XML (protocol section 5).

pub(crate) mod limits;
mod split;
pub(crate) mod xml;

pub use limits::Correction;
