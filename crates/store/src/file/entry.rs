//! How keys and entries are written in the file. Plain bytes: redb's own encodings may change with
//! its next version, these do not.

use wxbot_sdk::store::StoreError;

/// The first byte of each entry.
pub(crate) const VERSION: u8 = 1;

/// An entry that was read: a time in Unix milliseconds, and bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'e> {
    pub(super) millis: u64,
    pub(super) bytes: &'e [u8],
}

/// `version(1) | milliseconds(8) | bytes`.
pub(super) fn pack(millis: u64, bytes: &[u8]) -> Vec<u8> {
    [&[VERSION], millis.to_be_bytes().as_slice(), bytes].concat()
}

/// The reverse of [`pack`].
pub(super) fn unpack(stored: &[u8]) -> Result<Entry<'_>, StoreError> {
    let (version, rest) = stored.split_first().ok_or_else(cut_off)?;
    if *version != VERSION {
        return Err(StoreError::Version { found: *version, known: VERSION });
    }
    let (millis, bytes) = rest.split_first_chunk().ok_or_else(cut_off)?;
    Ok(Entry { millis: u64::from_be_bytes(*millis), bytes })
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
    StoreError::Unreachable("an entry of the file is cut off".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back_as_it_was() {
        let stored = pack(1_735_689_600_000, b"\0\xff");
        assert_eq!(unpack(&stored).unwrap(), Entry { millis: 1_735_689_600_000, bytes: b"\0\xff" });
    }

    #[test]
    fn an_entry_of_another_version_is_an_error_that_says_so() {
        let mut stored = pack(1, b"value");
        stored[0] = 2;
        let error = unpack(&stored).unwrap_err();
        assert_eq!(error.to_string(), "an entry has version 2, this program knows version 1");
    }

    #[test]
    fn an_entry_that_is_cut_off_is_an_error() {
        for length in 0..9 {
            assert!(unpack(&pack(1, b"")[..length]).is_err(), "{length} bytes");
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
