//! Fencing tokens.

use wxbot_sdk::store::FencingToken;

/// Of a write or a lease. Not a count: one that is read back from a Redis that forgot its last writes
/// must not be given twice.
pub(crate) fn token() -> FencingToken {
    FencingToken(rand::random())
}
