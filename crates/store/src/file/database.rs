//! The open database; opened again after the disk failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};

use redb::{Database, DatabaseError, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::entry::VERSION;
use super::failure::Failure;
use super::tables::{FORMAT, Tables};
use wxbot_sdk::store::StoreError;

/// Makes a database of what is on the disk.
pub(super) type Open = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;

/// redb wants to be opened again after an I/O error; until that worked there is no database.
pub(super) struct Holder {
    database: RwLock<Option<Database>>,
    open: Open,
}

impl Holder {
    pub(super) fn new(open: Open) -> Result<Self, Failure> {
        let database = ready(&open)?;
        Ok(Self { database: RwLock::new(Some(database)), open })
    }

    /// Reads a snapshot of what was written last.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(|database| work(&database.begin_read()?))
    }

    /// Opens the file if the last time did not succeed.
    pub(super) fn ensure_open(&self) -> Result<(), Failure> {
        let is_open = self.database.read().unwrap_or_else(PoisonError::into_inner).is_some();
        if is_open { Ok(()) } else { self.reopen() }
    }

    /// Does the work in one transaction, which is on the disk when this returns.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(|database| commit(database, work))
    }

    /// Opens the file anew, after a failure.
    pub(super) fn reopen(&self) -> Result<(), Failure> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        // The old one holds the lock of the file.
        let old = database.take();
        caught(|| {
            drop(old);
            Ok(())
        })?;
        *database = Some(caught(|| ready(&self.open))?);
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T, Failure> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(|| broken("the file could not be reopened"))?;
        caught(|| work(database))
    }
}

/// redb may panic on a file that something else has altered; that is a failure like others.
fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(broken("the file is damaged")))
}

fn broken(why: &str) -> Failure {
    Failure::Database(redb::Error::Corrupted(why.to_owned()))
}

/// Opens the file, makes its tables and looks at its version.
fn ready(open: &Open) -> Result<Database, Failure> {
    let database = open()?;
    let known = database.begin_read()?.open_table(FORMAT).map(drop);
    match known {
        Err(redb::TableError::TableDoesNotExist(_)) => begin(&database)?,
        other => other?,
    }
    let format = database.begin_read()?.open_table(FORMAT)?.get(&b"format"[..])?;
    let found = format.and_then(|stored| stored.value().first().copied()).unwrap_or_default();
    match found {
        VERSION => Ok(database),
        found => Err(StoreError::Version { found, known: VERSION }.into()),
    }
}

fn begin(database: &Database) -> Result<(), Failure> {
    let transaction = durable(database)?;
    transaction.open_table(FORMAT)?.insert(&b"format"[..], &[VERSION][..])?;
    drop(Tables::open(&transaction)?);
    Ok(transaction.commit()?)
}

fn commit<T>(
    database: &Database,
    work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let transaction = durable(database)?;
    let mut tables = Tables::open(&transaction)?;
    let done = work(&mut tables)?;
    drop(tables);
    transaction.commit()?;
    Ok(done)
}

/// Two phases, since values come from strangers; quick repair, so that a kill costs no start.
fn durable(database: &Database) -> Result<WriteTransaction, Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}
