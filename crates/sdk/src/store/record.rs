//! The format of what is stored: JSON with a version, `{"version":1,"record":…}`.
//!
//! A type becomes a record with a name and a version. Changing how it is written means a new
//! version; bytes of another one are an error that names itself, never a guess. A record may gain
//! an `Option` field within its version: older bytes are read without it.
//!
//! Every version that was ever released has a golden file, `tests/golden/NAME.VERSION.json` in the
//! crate of the record, which a test reads and writes:
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wxbot_sdk::store::record::{Record, decode, encode};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Visit {
//!     count: u32,
//! }
//!
//! impl Record for Visit {
//!     const NAME: &'static str = "visit";
//!     const VERSION: u32 = 1;
//! }
//!
//! let golden = br#"{"version":1,"record":{"count":7}}"#;
//! assert_eq!(decode::<Visit>(golden)?, Visit { count: 7 });
//! assert_eq!(encode(&Visit { count: 7 }), golden);
//!
//! let error = decode::<Visit>(br#"{"version":2,"record":{}}"#).unwrap_err();
//! assert_eq!(error.to_string(), "the record `visit` has version 2, this program knows version 1");
//! # Ok::<(), wxbot_sdk::store::record::RecordError>(())
//! ```

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

/// A type that is stored. It must have a JSON form: maps in it have texts as keys.
pub trait Record: Serialize + DeserializeOwned {
    /// What errors call it.
    const NAME: &'static str;
    /// Raised whenever older bytes can't be read any more, or newer ones not by older code.
    const VERSION: u32;
}

/// Why bytes are no record of the type that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Another version of wxbot wrote it.
    #[error("the record `{record}` has version {found}, this program knows version {known}")]
    Version {
        /// [`Record::NAME`].
        record: &'static str,
        /// As it was written.
        found: u32,
        /// [`Record::VERSION`].
        known: u32,
    },
    /// Something else wrote it.
    #[error("this is no record `{record}`")]
    Unreadable {
        /// [`Record::NAME`].
        record: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
    /// A value of a plugin that has no JSON form, such as a map whose keys are no texts.
    #[error("the record `{record}` can't be written as JSON")]
    Unwritable {
        /// [`Record::NAME`].
        record: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Versioned<R> {
    version: u32,
    record: R,
}

/// The bytes of a record.
pub fn encode<R: Record>(record: &R) -> Vec<u8> {
    Format::of::<R>().write(record).expect("a record has a JSON form")
}

/// The record in these bytes.
pub fn decode<R: Record>(bytes: &[u8]) -> Result<R, RecordError> {
    Format::of::<R>().read(bytes)
}

/// A record's name and version, whatever its type.
#[derive(Clone, Copy)]
pub(super) struct Format {
    pub(super) record: &'static str,
    pub(super) version: u32,
}

impl Format {
    fn of<R: Record>() -> Self {
        Self { record: R::NAME, version: R::VERSION }
    }

    pub(super) fn write(self, record: &impl Serialize) -> Result<Vec<u8>, RecordError> {
        let json = serde_json::to_vec(&Versioned { version: self.version, record });
        json.map_err(|source| RecordError::Unwritable { record: self.record, source })
    }

    pub(super) fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, RecordError> {
        match serde_json::from_slice::<Versioned<T>>(bytes) {
            Ok(read) if read.version == self.version => Ok(read.record),
            Ok(read) => Err(self.has_version(read.version)),
            Err(source) => match serde_json::from_slice::<Versioned<IgnoredAny>>(bytes) {
                Ok(read) if read.version != self.version => Err(self.has_version(read.version)),
                _ => Err(RecordError::Unreadable { record: self.record, source }),
            },
        }
    }

    fn has_version(self, found: u32) -> RecordError {
        RecordError::Version { record: self.record, found, known: self.version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Count(u64);

    impl Record for Count {
        const NAME: &'static str = "count";
        const VERSION: u32 = 3;
    }

    #[track_caller]
    fn check(bytes: &str, expected: Result<u64, &str>) {
        let read = decode::<Count>(bytes.as_bytes());
        let read = read.map(|count| count.0).map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(str::to_owned), "{bytes}");
    }

    #[test]
    fn a_record_is_json_with_its_version() {
        assert_eq!(encode(&Count(7)), br#"{"version":3,"record":7}"#);
        check(r#"{"version":3,"record":7}"#, Ok(7));
        check(r#"{"record":7,"version":3}"#, Ok(7));
    }

    #[test]
    fn another_version_is_an_error_that_names_itself() {
        let newer = "the record `count` has version 4, this program knows version 3";
        check(r#"{"version":4,"record":7}"#, Err(newer));
        check(r#"{"version":4,"record":{"many":7}}"#, Err(newer));
        check(r#"{"version":4,"record":{"many":7},"codec":"zstd"}"#, Err(newer));
        let older = "the record `count` has version 2, this program knows version 3";
        check(r#"{"version":2,"record":"7"}"#, Err(older));
    }

    #[test]
    fn garbage_is_an_error_that_names_the_record() {
        let unreadable = Err("this is no record `count`");
        for bytes in ["", "7", "null", "{}", r#"{"version":3}"#, r#"{"version":3,"record":-1}"#] {
            check(bytes, unreadable);
        }
        check(r#"{"version":3,"record":7} "#, Ok(7));
        check(r#"{"version":3,"record":7}{"#, unreadable);
        check(r#"{"version":3,"record":7"#, unreadable);
        check(r#"{"version":4,"record":7"#, unreadable);
        check(r#"{"version":99999999999,"record":7}"#, unreadable);
    }
}
