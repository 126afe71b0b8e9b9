//! Values of a store, page by page.

use std::time::Duration;

/// Some of them, in no order; there may be none before the last page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Those of this page.
    pub page: Vec<StoredValue>,
    /// Where to go on; `None` at the end.
    pub next: Option<Vec<u8>>,
}

/// A value as it stands in its store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredValue {
    /// Whose it is.
    pub key: String,
    /// As it was put.
    pub value: Vec<u8>,
    /// What is left of its time.
    pub ttl: Duration,
}
