//! Where a page of the outbox begins.

use std::str::FromStr;
use std::{fmt, iter};

use wxbot_sdk::store::Cursor;
use wxbot_sdk::store::keys::{DEAD_LETTERS, OUTBOX, WAITING};

/// The queues of the store, in the order of the list.
const QUEUES: [&str; 3] = [OUTBOX, WAITING, DEAD_LETTERS];
/// Before them: what the store would not take, which the bot that runs has.
pub(super) const UNWRITTEN: &str = "unwritten";

/// A place in what is late, whatever stands there now. As text it is opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(super) queue: &'static str,
    pub(super) after: Option<Cursor>,
}

impl Place {
    pub(super) const START: Self = Self { queue: OUTBOX, after: None };
    pub(super) const UNWRITTEN: Self = Self { queue: UNWRITTEN, after: None };

    /// The start of the next queue.
    pub(super) fn next_queue(&self) -> Option<Self> {
        let place = QUEUES.iter().position(|queue| *queue == self.queue)?;
        Some(Self { queue: QUEUES.get(place + 1)?, after: None })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, after } = self;
        match after {
            Some(Cursor { due, id }) => write!(f, "{queue}:{due}:{id}"),
            None => f.write_str(queue),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || format!("`{text}` is no place in the outbox; take one from the page before");
        let mut parts = text.splitn(3, ':');
        let named = |name| iter::once(UNWRITTEN).chain(QUEUES).find(|queue| *queue == name);
        let queue = parts.next().and_then(named).ok_or_else(error)?;
        let after = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(due), Some(id)) => {
                Some(Cursor { due: due.parse().map_err(|_| error())?, id: id.to_owned() })
            }
            (Some(_), None) => return Err(error()),
        };
        Ok(Self { queue, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for queue in iter::once(UNWRITTEN).chain(QUEUES) {
            let cursors = [None, Some(Cursor { due: 7, id: "with:two:colons".into() })];
            for after in cursors {
                let place = Place { queue, after };
                assert_eq!(place.to_string().parse(), Ok(place));
            }
        }
    }

    #[test]
    fn what_is_no_place_is_quoted() {
        for text in ["", "elsewhere", "outbox:7", "outbox:seven:id", "outbox:-1:id"] {
            let error = text.parse::<Place>().unwrap_err();
            assert!(error.contains(&format!("`{text}` is no place")), "{error}");
        }
    }
}
