//! Replay guard: a signed query is good for one message only, where the signature does not cover
//! the body (protocol section 2.1).

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Mutex;
use std::time::Duration;

use foldhash::quality::RandomState;
use tokio::time::Instant;
use wxbot_sdk::message::Message;

use super::signature::Verified;
use crate::generations::Generations;

/// Queries that are remembered, 48 bytes each.
const MOST_QUERIES: usize = 1 << 20;
const QUERY_WEIGHT: usize = 1;

/// Which message each signed query came with. In plain mode, whoever has seen one query could put
/// any message behind it.
pub(crate) struct ReplayGuard {
    seen: Mutex<Generations<u64, u64>>,
    keys: RandomState,
}

impl ReplayGuard {
    /// `keep` is how long a timestamp is accepted.
    pub(crate) fn new(keep: Duration) -> Self {
        Self {
            seen: Mutex::new(Generations::new(keep, MOST_QUERIES)),
            keys: RandomState::default(),
        }
    }

    /// Whether this query came with another message before. Fields are compared, not bytes: a
    /// repeat may be written in another way.
    pub(crate) fn is_replay(&self, query: &Verified<'_>, message: &Message, now: Instant) -> bool {
        let query = self.keys.hash_one(query.timestamp_and_nonce());
        let fields = self.keys.hash_one(AllFields(message));
        let mut seen = self.seen.lock().expect("no code panics while holding this lock");
        match seen.get(&query, now) {
            Some(before) => *before != fields,
            None => {
                seen.insert(query, fields, QUERY_WEIGHT, now);
                false
            }
        }
    }
}

/// Hashes everything a message says.
struct AllFields<'m>(&'m Message);

impl Hash for AllFields<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fields().said().for_each(|said| said.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::envelope;

    fn fields(body: &str) -> u64 {
        let (fields, _) = envelope::read(body.as_bytes()).unwrap();
        let keys = std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default();
        keys.hash_one(AllFields(&Message::read(fields).unwrap()))
    }

    #[test]
    fn a_repeat_is_known_by_its_fields_and_not_by_its_bytes() {
        let one = fields("<xml><MsgType>text</MsgType><Content>1</Content></xml>");
        let same = fields("<xml><MsgType><![CDATA[text]]></MsgType><Content>1</Content></xml>");
        let other = fields("<xml><MsgType>text</MsgType><Content>2</Content></xml>");
        assert_eq!(one, same);
        assert_ne!(one, other);
        let nested = fields("<xml><MsgType>text</MsgType><A><B>2</B></A></xml>");
        let beside = fields("<xml><MsgType>text</MsgType><A/><B>2</B></xml>");
        assert_ne!(nested, beside);
    }
}
