//! Why a job of the file store failed, and who must hear of it.

use std::fmt;
use std::io::ErrorKind;

use wxbot_sdk::store::StoreError;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Failure {
    /// The job was refused and changed nothing. Only its caller is told.
    Refused(StoreError),
    /// The database is in trouble: the transaction is given up, with every job in it.
    Database(redb::Error),
}

impl Failure {
    /// Whether the database must be opened anew.
    pub(super) fn is_of_database(&self) -> bool {
        matches!(self, Self::Database(_))
    }

    /// What a page that was altered says: others may be as they were.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Database(redb::Error::Io(error)) if error.kind() == ErrorKind::InvalidData)
    }

    /// For one of many callers.
    pub(super) fn told(&self) -> StoreError {
        match self {
            Self::Database(redb::Error::Io(error)) if self.is_damage() => {
                StoreError::Damaged { what: error.to_string() }
            }
            failure => StoreError::Unreachable(failure.to_string().into()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            failure => failure.told(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

/// redb has an error type for each step; here they all are trouble of the database.
macro_rules! from_redb {
    ($($error:ident),+) => {$(
        impl From<redb::$error> for Failure {
            fn from(error: redb::$error) -> Self {
                Self::Database(error.into())
            }
        }
    )+};
}

from_redb!(StorageError, TableError, TransactionError, CommitError, DatabaseError);
