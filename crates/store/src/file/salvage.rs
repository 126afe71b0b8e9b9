//! What can still be read of a file that is damaged.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use redb::{Database, ReadTransaction, ReadableDatabase};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::StoreError;

use super::database::caught;
use super::failure::Failure;
use super::{damage, disk, pages};
use crate::contents::{Contents, Page};
use crate::open_error::OpenError;

/// All entries of a damaged `file:` that are as they were written; the file is not written to.
pub struct Salvage {
    transaction: ReadTransaction,
    _database: Database,
    prefix: String,
    /// When it was opened, in Unix milliseconds.
    now: u64,
    left_out: Mutex<Vec<String>>,
}

impl Salvage {
    pub(crate) fn open(directory: &Path, prefix: &str, clock: Clock) -> Result<Self, OpenError> {
        let opened = caught(|| {
            let database = disk::open_untouched(&directory.join(disk::NAME))?;
            let transaction = database.begin_read()?;
            let (prefix, left_out) = (prefix.to_owned(), Mutex::default());
            Ok(Self { transaction, _database: database, prefix, now: clock.millis(), left_out })
        });
        opened.map_err(|failure| damage::refused(failure, directory))
    }

    /// What could not be read until now, one for each entry or part of the file.
    pub fn left_out(&self) -> Vec<String> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn leave_out(&self, failure: &Failure) {
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.push(match failure {
            Failure::Refused(error) => error.to_string(),
            trouble => format!("what follows in the file: {trouble}"),
        });
    }
}

#[async_trait]
impl Contents for Salvage {
    async fn page(&self, from: Option<Vec<u8>>) -> Result<Page, StoreError> {
        let unreadable = |failure: Failure| {
            self.leave_out(&failure);
            Ok(())
        };
        let page =
            caught(|| pages::page(&self.transaction, from.as_deref(), self.now, &unreadable));
        Ok(page.map_or_else(
            |failure| {
                self.leave_out(&failure);
                Page { entries: vec![], next: pages::next_table(from.as_deref()) }
            },
            |page| page.within(&self.prefix),
        ))
    }
}
