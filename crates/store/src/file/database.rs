//! The open database; opened again after the disk failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use redb::{Database, DatabaseError, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::entry::VERSION;
use super::failure::Failure;
use super::tables::{FORMAT, Tables};
use wxbot_sdk::store::StoreError;

/// Makes a database of what is on the disk.
pub(super) type Open = Box<dyn Fn(Opening) -> Result<Database, DatabaseError> + Send + Sync>;

/// What is known of the file that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing: somebody else may have altered it.
    First,
    /// This process wrote it, and was interrupted.
    Again,
}

/// redb wants to be opened again after an I/O error; until that worked there is no database.
pub(super) struct Holder {
    database: RwLock<Option<Database>>,
    /// How often it was opened.
    opened: AtomicU64,
    open: Open,
}

impl Holder {
    pub(super) fn new(open: Open) -> Result<Self, Failure> {
        let database = caught(|| ready(&open, Opening::First))?;
        Ok(Self { database: RwLock::new(Some(database)), opened: AtomicU64::new(1), open })
    }

    /// Reads a snapshot of what was written last.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(|database| work(&database.begin_read()?))
    }

    /// Does the work in one transaction, which is on the disk when this returns.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(|database| commit(database, work))
    }

    /// Opens the file if the last time did not succeed, and anew after a failure.
    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.lock().is_none() {
            self.reopen(self.opened())?;
        }
        let (opened, done) = {
            let database = self.lock();
            let Some(database) = &*database else { return Err(broken("it could not be reopened")) };
            (self.opened(), caught(|| work(database)))
        };
        if done.as_ref().is_err_and(Failure::is_of_database)
            && let Err(failure) = self.reopen(opened)
        {
            tracing::debug!(error = %failure, "the file could not be reopened");
        }
        done
    }

    /// Unless somebody else did since it was opened so often.
    fn reopen(&self, opened: u64) -> Result<(), Failure> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if self.opened() != opened {
            return Ok(());
        }
        // The old one holds the lock of the file.
        let old = database.take();
        caught(|| {
            drop(old);
            Ok(())
        })?;
        *database = Some(caught(|| ready(&self.open, Opening::Again))?);
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn lock(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes while the lock is held for writing.
    fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }
}

/// redb may panic on a file that something else has altered; that is a failure like others.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(broken("the file is damaged")))
}

fn broken(why: &str) -> Failure {
    Failure::Database(redb::Error::Corrupted(why.to_owned()))
}

/// Opens the file.
fn ready(open: &Open, opening: Opening) -> Result<Database, Failure> {
    let database = open(opening)?;
    initialize(&database)?;
    Ok(database)
}

/// Makes the tables of a new file, and looks at the version of any other.
pub(super) fn initialize(database: &Database) -> Result<(), Failure> {
    let known = database.begin_read()?.open_table(FORMAT).map(drop);
    match known {
        Err(redb::TableError::TableDoesNotExist(_)) => begin(database)?,
        other => other?,
    }
    let format = database.begin_read()?.open_table(FORMAT)?.get(&b"format"[..])?;
    let found = format.and_then(|stored| stored.value().first().copied()).unwrap_or_default();
    match found {
        VERSION => Ok(()),
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
