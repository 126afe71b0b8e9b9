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

/// Why a store can't be opened. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No store is written like this.
    #[error(
        "`{url}` is no store; write `memory:`, `file:DIR`, `redis://HOST:PORT/DB`, \
         `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB` or `redis+cluster://HOST:PORT,HOST:PORT` \
         (`rediss` instead of `redis` for TLS)"
    )]
    Unknown {
        /// The URL.
        url: String,
    },
    /// A `file:` without a folder.
    #[error("`file:` needs a folder; write `file:DIR`, such as `file:data`")]
    NoFolder,
    /// A Redis URL with something wrong in it.
    #[error("`{url}` is no address of Redis: {what}; write `{right}`")]
    Address {
        /// The URL.
        url: String,
        /// What is wrong.
        what: String,
        /// How it is written.
        right: &'static str,
    },
    /// No key can begin with this.
    #[error("`{prefix}` is no prefix of a store: {what}")]
    Prefix {
        /// As it was given.
        prefix: String,
        /// What is wrong.
        what: String,
    },
    /// The folder of `file:` is not there and can't be made.
    #[error("the folder of `file:{dir}` can't be made: {cause}")]
    Folder {
        /// The folder.
        dir: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Only one process may have a file store open.
    #[error("`file:{dir}` is in use by another process")]
    InUse {
        /// The folder.
        dir: String,
    },
    /// There is nothing to read.
    #[error("there is no store in `file:{dir}`")]
    Missing {
        /// The folder.
        dir: String,
    },
    /// A file that others may read can't be taken from them.
    #[error(
        "others can read `file:{dir}`, and that can't be changed: {cause}; run `chmod 600 {dir}/wxbot.redb`"
    )]
    Private {
        /// The folder.
        dir: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// There was a store.
    #[error(
        "`file:{dir}` was emptied: `wxbot.redb` has no byte in it; put a copy back, or delete it to \
         begin anew"
    )]
    Emptied {
        /// The folder.
        dir: String,
    },
    /// Something altered the file, or cut it off.
    #[error("`file:{dir}` is damaged: {what}; `wxbot store export --salvage` writes out the rest")]
    Damaged {
        /// The folder.
        dir: String,
        /// The entries, or what the database says.
        what: String,
    },
    /// The file is not one of wxbot's, or the disk fails.
    #[error("`file:{dir}` can't be opened: {cause}")]
    File {
        /// The folder.
        dir: String,
        /// What the database says.
        cause: String,
    },
    /// The system gave no thread.
    #[error("the store got no thread of its own: {0}")]
    Thread(std::io::Error),
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

/// A URL without what may be a user and a password: whatever is before the last `@`, and in
/// arguments with `password` in their name.
pub(crate) fn redacted(url: &str) -> String {
    let (scheme, rest) = match url.find("//") {
        Some(at) => url.split_at(at + 2),
        None => ("", url),
    };
    let rest = match rest.rsplit_once('@') {
        Some((_, rest)) => format!("***@{rest}"),
        None => rest.to_owned(),
    };
    let Some((place, query)) = rest.split_once('?') else { return format!("{scheme}{rest}") };
    let hidden = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(hidden).collect();
    format!("{scheme}{place}?{}", query.join("&"))
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
