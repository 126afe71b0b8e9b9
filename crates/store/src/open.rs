//! From a `[store] url` to a store.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;

use crate::contents::Contents;
use crate::file::{File, Salvage, Snapshot};
use crate::limits::Limits;
use crate::memory::Memory;
use crate::open_error::OpenError;
use crate::redaction::redacted;
use crate::redis::{Address, Redis};

/// Where a store is, read from its URL. Nothing is opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `memory:`
    Memory,
    /// `file:DIR`
    File {
        /// The folder.
        dir: PathBuf,
        /// What keys begin with in the file.
        prefix: String,
    },
    /// `redis://…` and its kin.
    Redis(Box<Address>),
}

/// The URL, without a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::File { dir, .. } => write!(f, "file:{}", dir.display()),
            Self::Redis(address) => address.fmt(f),
        }
    }
}

/// Opens the store that a URL names, with the default [`Limits`]. A Redis need not be there yet:
/// until it is, calls fail soon, and [`Store::health`] says so.
pub fn open(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    Place::read(url)?.open(&Limits::default())
}

impl Place {
    /// Reads a URL.
    pub fn read(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("file", "")) => Err(OpenError::NoFolder),
            Some(("file", dir)) => Ok(Self::File { dir: dir.into(), prefix: String::new() }),
            Some((scheme, _)) if Address::is_scheme(scheme) => {
                Ok(Self::Redis(Box::new(Address::read(url)?)))
            }
            _ => Err(OpenError::Unknown { url: redacted(url) }),
        }
    }

    /// A part of the store for one deployment of a bot, which others don't see: keys and queues
    /// begin with this. Nobody else sees `memory:`.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, OpenError> {
        Ok(match self {
            Self::Memory => Self::Memory,
            Self::File { dir, .. } => Self::File { dir, prefix: prefix.to_owned() },
            Self::Redis(address) => Self::Redis(Box::new(address.with_prefix(prefix)?)),
        })
    }

    /// Opens the store that is there.
    pub fn open(&self, limits: &Limits) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Memory => Arc::new(Memory::new(limits, Clock::steady())),
            Self::File { dir, prefix } => {
                Arc::new(File::open(dir, limits, Clock::steady())?.with_prefix(prefix))
            }
            Self::Redis(address) => Arc::new(Redis::open(address, limits)?),
        })
    }

    /// Opens a `file:` that may be damaged, to read what of it is as it was written. `None` for other
    /// stores.
    pub fn salvage(&self) -> Result<Option<Salvage>, OpenError> {
        match self {
            Self::File { dir, prefix } => Salvage::open(dir, prefix, Clock::system()).map(Some),
            Self::Memory | Self::Redis(_) => Ok(None),
        }
    }

    /// Opens the store that is there to read all of it, also beside a bot that runs; a file is then
    /// as it is at this moment.
    pub fn contents(&self, limits: &Limits) -> Result<Box<dyn Contents>, OpenError> {
        let (dir, prefix) = match self {
            Self::Memory => return Ok(Box::new(Memory::new(limits, Clock::steady()))),
            Self::Redis(address) => return Ok(Box::new(Redis::open(address, limits)?)),
            Self::File { dir, prefix } => (dir, prefix),
        };
        if !File::exists(dir) {
            return Err(OpenError::Missing { dir: dir.display().to_string() });
        }
        match File::open(dir, limits, Clock::steady()) {
            Err(OpenError::InUse { .. }) => {
                Ok(Box::new(Snapshot::take(dir, prefix, Clock::system())?))
            }
            opened => Ok(Box::new(opened?.with_prefix(prefix))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        let error = Place::read(url).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_store_is_shown_without_its_password() {
        for (url, shown) in [
            ("memory:", "memory:"),
            ("file:data/store", "file:data/store"),
            ("redis://bot:hunter2@db:6379/1", "redis://***@db:6379/1"),
        ] {
            assert_eq!(
                Place::read(url).map(|place| place.to_string()).ok().as_deref(),
                Some(shown)
            );
        }
    }

    #[test]
    fn a_wrong_url_is_quoted_without_its_password() {
        check("", "`` is no store; write `memory:`, `file:DIR`, `redis://HOST:PORT/DB`");
        check("mem:", "`mem:` is no store");
        check("memory:x", "`memory:x` is no store");
        check("file:", "`file:` needs a folder");
        check("mysql://bot:hunter2@db/x", "`mysql://***@db/x` is no store");
        check("bot:hunter2@db:6379", "`***@db:6379` is no store");
        check(
            "redis://bot:hunter2@/0",
            "`redis://***@/0` is no address of Redis: the host is missing",
        );
        check("redis://:hun@ter2:hunter2@h:x", "`redis://***@h:x` is no address of Redis: ");
        check(
            "redis+sentinel://h?sentinel_password=hunter2",
            "`redis+sentinel://h?sentinel_password=***` is no address of Redis: the master's name",
        );
    }
}
