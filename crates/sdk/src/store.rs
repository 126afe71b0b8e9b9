//! What must outlive a message: one small trait, and what plugins see of it.

pub mod record;
pub mod keys;
mod contract;
mod error;
mod item;
mod namespace;
mod update;
mod values;
mod watch;

pub use contract::{Health, Reach, Store, Swap, SwapRequest};
pub use error::StoreError;
pub use item::{Cursor, FencingToken, Item, QueuedItem};
pub use namespace::Namespace;
pub use record::{Record, RecordError};
pub use update::{Change, insert_or_update, update, update_from};
pub use values::{StoredValue, Values};
pub use watch::{Watch, WatchEvent, Watchers};
