//! How large a body may be inside: far more than any message, far less than what costs time.

use crate::receive::refusal::BodyError;

/// WeChat uses no attributes at all.
pub(super) const MAX_ATTRIBUTES: usize = 16;

/// Refuses what is counted beyond its limit.
pub(super) fn count(so_far: usize, what: &'static str, limit: usize) -> Result<(), BodyError> {
    if so_far > limit { Err(BodyError::TooMany { what, limit }) } else { Ok(()) }
}
