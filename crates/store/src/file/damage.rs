//! What is damaged in a file, as far as can be seen. The file is not written to.

use std::io::ErrorKind;
use std::path::Path;

use redb::{ReadTransaction, ReadableDatabase};
use wxbot_sdk::store::StoreError;

use super::database::caught;
use super::disk::{NAME, open_untouched};
use super::entry::{Key, unpack};
use super::failure::Failure;
use super::tables::{Definition, ITEMS, SIZES, VALUES};
use crate::open_error::OpenError;

/// Named in an error; there may be more.
const NAMED: usize = 3;

/// What an operator is told of a file that can't be opened.
pub(super) fn refused(failure: Failure, directory: &Path) -> OpenError {
    let dir = directory.display().to_string();
    match failure {
        Failure::Database(redb::Error::DatabaseAlreadyOpen) => OpenError::InUse { dir },
        Failure::Database(redb::Error::Corrupted(why)) => {
            let what = report(&directory.join(NAME)).unwrap_or(why);
            OpenError::Damaged { dir, what }
        }
        Failure::Database(redb::Error::Io(error)) if error.kind() == ErrorKind::UnexpectedEof => {
            OpenError::Damaged { dir, what: "it is cut off".into() }
        }
        failure => OpenError::File { dir, cause: failure.to_string() },
    }
}

/// Names the entries that are damaged. `None` if that can't be found out: what is damaged is where
/// the file says what is where.
fn report(file: &Path) -> Option<String> {
    let damaged = caught(|| damaged(&open_untouched(file)?.begin_read()?));
    let damaged = damaged.ok().filter(|damaged| !damaged.is_empty())?;
    let named = damaged[..damaged.len().min(NAMED)].join(", ");
    Some(match damaged.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    })
}

fn damaged(snapshot: &ReadTransaction) -> Result<Vec<String>, Failure> {
    let mut damaged = Vec::new();
    damaged.extend(damaged_in(snapshot, VALUES, |key| Key::Value(key))?);
    damaged.extend(damaged_in(snapshot, ITEMS, |key| Key::Item(key))?);
    damaged.extend(damaged_in(snapshot, SIZES, |key| Key::Size(key))?);
    Ok(damaged)
}

fn damaged_in(
    snapshot: &ReadTransaction,
    table: Definition,
    key_of: impl Fn(&[u8]) -> Key<'_>,
) -> Result<Vec<String>, Failure> {
    let mut damaged = Vec::new();
    for row in snapshot.open_table(table)?.range::<&[u8]>(..)? {
        let (key, stored) = row?;
        if let Err(StoreError::Damaged { what }) = unpack(key_of(key.value()), stored.value()) {
            damaged.push(what);
        }
    }
    Ok(damaged)
}
