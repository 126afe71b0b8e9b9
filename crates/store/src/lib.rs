//! What a bot keeps between two messages: the implementations of [`wxbot_core::store::Store`].

mod memory;
mod queue;

use std::sync::Arc;

use wxbot_core::store::Store;

pub use memory::Memory;

/// Why a `[store] url` can't be opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No store is written like this. The rest of the URL may hold a password.
    #[error("a URL that begins with `{0}` is no store; write `memory:`")]
    Unknown(String),
}

/// Opens the store that a URL names.
pub fn open(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    match url {
        "memory:" => Ok(Arc::new(Memory::default())),
        other => Err(OpenError::Unknown(other.split_inclusive(':').next().unwrap_or("").into())),
    }
}
