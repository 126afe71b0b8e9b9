//! Ids as texts in JSON: they are larger than the numbers that JavaScript can hold.

use serde::{Serialize, Serializer};

/// An id may have more digits than a number of JSON is safe with.
pub(crate) fn as_text<S: Serializer>(id: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
    id.map(|id| id.to_string()).serialize(to)
}
