//! Replay guard: a signed query is good for one message only, where the signature does not cover
//! the body (protocol section 2.1).

use std::sync::Mutex;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::time::Instant;
use wxbot_sdk::message::Message;

use super::signature::Verified;
use crate::generations::{FloodLog, Generations};
use crate::key;

/// Queries that are remembered, 20 to 40 bytes each.
const MOST_QUERIES: usize = 1 << 20;
const QUERY_WEIGHT: usize = 1;

/// Which message each signed query came with, sealed or not. Where a message may come in the clear,
/// whoever has seen a query could put any message behind it.
pub(crate) struct ReplayGuard {
    seen: Mutex<Generations<u64, u64>>,
    flood: FloodLog,
}

/// A query, and what it came with: both as hashes that nobody without the token can make, and that
/// are the same in every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) query: u64,
    pub(crate) fields: u64,
}

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the clear, and so not signed itself.
    Plain,
    /// Encrypted and signed.
    Sealed,
}

/// Whether a query was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UsedBefore {
    /// It was not.
    Never,
    /// With the same message, as a repeat may be.
    ForThis,
    /// With another message.
    ForAnother,
}

impl Use {
    /// Fields are compared, not bytes: a repeat may be written in another way.
    pub(crate) fn of(query: &Verified<'_>, message: &Message) -> Self {
        let fields = key::hash_of_fields(query.token().expose_secret(), message.fields());
        Self { query: query.hash(), fields }
    }
}

impl ReplayGuard {
    /// `keep` is how long a timestamp is accepted.
    pub(crate) fn new(keep: Duration) -> Self {
        let seen = Mutex::new(Generations::new(keep, MOST_QUERIES));
        Self { seen, flood: FloodLog::new("queries") }
    }

    /// Uses a query. The first message that it came with is the one it is for.
    pub(crate) fn admit(&self, used: Use, now: Instant) -> UsedBefore {
        let mut seen = self.seen.lock().expect("no code panics while holding this lock");
        match seen.get(&used.query, now) {
            Some(before) if *before == used.fields => UsedBefore::ForThis,
            Some(_) => UsedBefore::ForAnother,
            None => {
                let kept = seen.insert(used.query, used.fields, QUERY_WEIGHT, now);
                drop(seen);
                self.flood.check(kept);
                UsedBefore::Never
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::envelope;

    fn fields(body: &str) -> u64 {
        key::hash_of_fields("token", &envelope::read(body.as_bytes()).unwrap().0)
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
