//! A file that another process has open, as it was at one moment.

use std::path::Path;

use async_trait::async_trait;
use redb::{ReadOnlyDatabase, ReadTransaction, ReadableDatabase};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::StoreError;

use super::database::caught;
use super::{damage, disk, pages};
use crate::contents::{Contents, Page};
use crate::open_error::OpenError;

/// As long as it is open, the file does not use again what it has.
pub(crate) struct Snapshot {
    transaction: ReadTransaction,
    _database: ReadOnlyDatabase,
    prefix: String,
    /// When it was taken, in Unix milliseconds.
    now: u64,
}

impl Snapshot {
    pub(crate) fn take(directory: &Path, prefix: &str, clock: Clock) -> Result<Self, OpenError> {
        let taken = caught(|| {
            let database = disk::open_beside(&directory.join(disk::NAME))?;
            let transaction = database.begin_read()?;
            let prefix = prefix.to_owned();
            Ok(Self { transaction, _database: database, prefix, now: clock.millis() })
        });
        taken.map_err(|failure| damage::refused(failure, directory))
    }
}

#[async_trait]
impl Contents for Snapshot {
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let page = caught(|| pages::page(&self.transaction, from.as_deref(), self.now, &Err));
        Ok(page?.within(&self.prefix))
    }
}
