//! What is damaged in a file, as far as can be seen. The file is not written to.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{Database, ReadTransaction, ReadableDatabase};
use wxbot_sdk::store::StoreError;

use super::database::caught;
use super::entry::{Key, unpack};
use super::failure::Failure;
use super::tables::{Definition, ITEMS, SIZES, VALUES};
use super::untouched::Untouched;

/// Named in an error; there may be more.
const NAMED: usize = 3;

/// Names the entries that are damaged. `None` if that can't be found out: what is damaged is where
/// the file says what is where.
pub(super) fn report(file: &Path) -> Option<String> {
    let disk = FileBackend::new(File::open(file).ok()?).ok()?;
    let disk = Untouched::over(Arc::new(disk)).ok()?;
    let damaged = caught(|| {
        let database = Database::builder().create_with_backend(disk)?;
        let snapshot = database.begin_read()?;
        damaged(&snapshot)
    });
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
