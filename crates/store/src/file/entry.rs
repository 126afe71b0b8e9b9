//! How keys and entries are written in the file. Plain bytes: redb's own encodings may change with
//! its next version, these do not.

use std::fmt;

use wxbot_sdk::store::StoreError;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The first byte of each entry.
pub(crate) const VERSION: u8 = 2;

/// The key of an entry, which is part of its checksum: an entry that got under another key is
/// damaged, too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key<'k> {
    Value(&'k [u8]),
    /// As [`queued`].
    Item(&'k [u8]),
    /// How many items a queue has.
    Size(&'k [u8]),
}

/// An entry that was read: a time in Unix milliseconds, and bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'e> {
    pub(super) millis: u64,
    pub(super) bytes: &'e [u8],
}

/// `version(1) | checksum(8) | milliseconds(8) | bytes`.
pub(super) fn pack(key: Key<'_>, millis: u64, bytes: &[u8]) -> Vec<u8> {
    let mut packed = [&[VERSION; 9], millis.to_be_bytes().as_slice(), bytes].concat();
    let checksum = key.checksum(VERSION, &packed[9..]);
    packed[1..9].copy_from_slice(&checksum.to_be_bytes());
    packed
}

/// The reverse of [`pack`]. What is not as it was packed is an error that names the key.
pub(super) fn unpack<'e>(key: Key<'_>, stored: &'e [u8]) -> Result<Entry<'e>, StoreError> {
    let damaged = || StoreError::Damaged { what: key.to_string() };
    let (version, rest) = stored.split_first().ok_or_else(damaged)?;
    let (checksum, rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    if u64::from_be_bytes(*checksum) != key.checksum(*version, rest) {
        return Err(damaged());
    }
    if *version != VERSION {
        return Err(StoreError::Version { found: *version, known: VERSION });
    }
    let (millis, bytes) = rest.split_first_chunk().ok_or_else(damaged)?;
    Ok(Entry { millis: u64::from_be_bytes(*millis), bytes })
}

impl Key<'_> {
    fn checksum(self, version: u8, rest: &[u8]) -> u64 {
        let (table, key) = match self {
            Self::Value(key) => (1, key),
            Self::Item(key) => (2, key),
            Self::Size(queue) => (3, queue),
        };
        let key = xxh3_64_with_seed(key, u64::from_be_bytes([0, 0, 0, 0, 0, 0, table, version]));
        xxh3_64_with_seed(rest, key)
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |bytes| String::from_utf8_lossy(bytes);
        match self {
            Self::Value(key) => write!(f, "the value under `{}`", text(key)),
            Self::Item(key) => {
                let (queue, id) = unqueued(key).unwrap_or((b"", key));
                write!(f, "the item `{}` of the queue `{}`", text(id), text(queue))
            }
            Self::Size(queue) => write!(f, "the size of the queue `{}`", text(queue)),
        }
    }
}

/// `milliseconds(8) | name`: sorted by time.
pub(super) fn timed(millis: u64, name: &[u8]) -> Vec<u8> {
    [millis.to_be_bytes().as_slice(), name].concat()
}

/// The reverse of [`timed`].
pub(super) fn untimed(key: &[u8]) -> Result<(u64, &[u8]), StoreError> {
    let (millis, name) = key.split_first_chunk().ok_or_else(cut_off)?;
    Ok((u64::from_be_bytes(*millis), name))
}

/// `length(4) | queue | rest`: no queue's keys begin like another's.
pub(super) fn queued(queue: &str, rest: &[u8]) -> Vec<u8> {
    let length = u32::try_from(queue.len()).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), queue.as_bytes(), rest].concat()
}

/// The reverse of [`queued`].
pub(super) fn unqueued(key: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let (length, rest) = key.split_first_chunk().ok_or_else(cut_off)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut_off())?;
    rest.split_at_checked(length).ok_or_else(cut_off)
}

/// The keys of one queue: from, and up to but without.
pub(super) fn all_queued(queue: &str) -> (Vec<u8>, Vec<u8>) {
    let from = queued(queue, &[]);
    let mut to = from.clone();
    let last = to.iter().rposition(|byte| *byte < u8::MAX).expect("a length begins with a 0");
    to.truncate(last + 1);
    to[last] += 1;
    (from, to)
}

/// Text that was written as text.
pub(super) fn text(bytes: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(bytes.to_vec()).map_err(|error| StoreError::Unreachable(error.into()))
}

fn cut_off() -> StoreError {
    StoreError::Damaged { what: "an index of the file".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key<'_> = Key::Value(b"turn/4:main/oABC1");

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let stored = pack(KEY, 1_735_689_600_000, b"\0\xff");
        let expected = Entry { millis: 1_735_689_600_000, bytes: b"\0\xff" };
        assert_eq!(unpack(KEY, &stored).unwrap(), expected);
    }

    #[test]
    fn an_entry_of_another_version_is_an_error_that_says_so() {
        let mut stored = pack(KEY, 1, b"value");
        stored[0] = 3;
        let checksum = KEY.checksum(3, &stored[9..]);
        stored[1..9].copy_from_slice(&checksum.to_be_bytes());
        let error = unpack(KEY, &stored).unwrap_err();
        assert_eq!(error.to_string(), "an entry has version 3, this program knows version 2");
    }

    #[track_caller]
    fn is_damaged(key: Key<'_>, stored: &[u8], expected: &str) {
        let error = unpack(key, stored).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn an_entry_with_any_bit_altered_is_an_error_that_names_it() {
        let mut stored = pack(KEY, 1_735_689_600_000, b"value");
        for bit in 0..stored.len() * 8 {
            stored[bit / 8] ^= 1 << (bit % 8);
            is_damaged(KEY, &stored, "the value under `turn/4:main/oABC1` is damaged");
            stored[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn an_entry_under_another_key_is_an_error_that_names_it() {
        let stored = pack(KEY, 1, b"value");
        is_damaged(
            Key::Value(b"turn/4:main/oABC2"),
            &stored,
            "the value under `turn/4:main/oABC2` is damaged",
        );
        is_damaged(
            Key::Size(b"turn/4:main/oABC1"),
            &stored,
            "the size of the queue `turn/4:main/oABC1` is damaged",
        );
        is_damaged(
            Key::Item(&queued("outbox", b"a1")),
            &stored,
            "the item `a1` of the queue `outbox` is damaged",
        );
    }

    #[test]
    fn an_entry_that_is_cut_off_is_an_error() {
        for length in 0..17 {
            assert!(unpack(KEY, &pack(KEY, 1, b"")[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn the_range_of_a_queue_holds_its_keys_and_no_others() {
        for queue in ["", "a", "ab", "é", &"x".repeat(255), &"x".repeat(256)] {
            let (from, to) = all_queued(queue);
            for rest in [&b""[..], b"\0", b"\xff\xff"] {
                let key = queued(queue, rest);
                assert!(from <= key && key < to, "`{queue}` {rest:?}");
            }
            for other in ["b", "a\0", "abc", "xx"] {
                let key = queued(other, b"x");
                assert!(key < from || key >= to, "`{queue}` `{other}`");
            }
        }
    }
}
