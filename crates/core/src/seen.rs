//! What was seen of an account's requests, as it is kept for the next process and for the other
//! instances: so long as a signed request is taken, it must not be worked on again.
//!
//! Of a message that is 8 bytes, of a bound query 16; beside them, for a minute, what the message was
//! answered. All of it is noted here and written behind the answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wxbot_sdk::store::record::Record;

use crate::key::MessageKey;
use crate::response::Response;

/// Noted at once. While the store takes nothing, what is more than this is not noted.
const MOST_NOTED: usize = 1 << 16;
/// Of answers, in bytes.
const MOST_BYTES: usize = 4 << 20;

/// What was seen of one account since it was last taken.
#[derive(Default)]
pub(crate) struct Notes(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    seen: Seen,
    answers: Vec<Answered>,
    bytes: usize,
}

/// Messages, each by a part of its key, and signed queries with what each came with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub(crate) messages: Vec<[u64; 1]>,
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub(crate) queries: Vec<[u64; 2]>,
}

/// What a message was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    /// Of the message, in hex.
    pub(crate) key: String,
    pub(crate) response: Response,
}

/// What was seen, by account.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenRecord(pub(crate) BTreeMap<String, Seen>);

/// What the same messages were answered, by account.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnswersRecord(pub(crate) BTreeMap<String, Vec<Answered>>);

/// The number of the next record.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeadRecord(pub(crate) u64);

impl Record for SeenRecord {
    const NAME: &'static str = "seen";
    const VERSION: u32 = 1;
}

impl Record for AnswersRecord {
    const NAME: &'static str = "answers";
    const VERSION: u32 = 1;
}

impl Record for HeadRecord {
    const NAME: &'static str = "replay head";
    const VERSION: u32 = 1;
}

impl Notes {
    /// WeChat has been answered about a message; without a response when its answer is still owed.
    pub(crate) fn message(&self, key: MessageKey, response: Option<&Response>) {
        let mut noted = self.lock();
        if noted.seen.messages.len() >= MOST_NOTED {
            return;
        }
        noted.seen.messages.push([key.short()]);
        let Some(response) = response else { return };
        let bytes = 64 + response.bytes();
        if noted.bytes + bytes <= MOST_BYTES {
            noted.bytes += bytes;
            noted.answers.push(Answered { key: key.to_hex(), response: response.clone() });
        }
    }

    /// A signed query came with this.
    pub(crate) fn query(&self, query: u64, fields: u64) {
        let mut noted = self.lock();
        if noted.seen.queries.len() < MOST_NOTED {
            noted.seen.queries.push([query, fields]);
        }
    }

    /// Takes everything.
    pub(crate) fn take(&self) -> (Seen, Vec<Answered>) {
        let Noted { seen, answers, .. } = std::mem::take(&mut *self.lock());
        (seen, answers)
    }

    /// Notes again what could not be written.
    pub(crate) fn put_back(&self, seen: &Seen) {
        let mut noted = self.lock();
        let room = MOST_NOTED.saturating_sub(noted.seen.messages.len());
        noted.seen.messages.extend(seen.messages.iter().take(room));
        let room = MOST_NOTED.saturating_sub(noted.seen.queries.len());
        noted.seen.queries.extend(seen.queries.iter().take(room));
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().expect("no code panics while holding this lock")
    }
}

impl Seen {
    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.queries.is_empty()
    }
}

fn to_hex<S: Serializer, const N: usize>(rows: &[[u64; N]], to: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = rows.iter().flatten().flat_map(|number| number.to_be_bytes()).collect();
    to.serialize_str(&hex::encode(bytes))
}

fn from_hex<'de, D: Deserializer<'de>, const N: usize>(from: D) -> Result<Vec<[u64; N]>, D::Error> {
    let bytes = hex::decode(String::deserialize(from)?).map_err(D::Error::custom)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let numbers: Vec<_> = numbers.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect();
    Ok(numbers.as_chunks::<N>().0.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn what_was_seen_has_golden_files() {
        let seen = Seen { messages: vec![[1], [u64::MAX]], queries: vec![[2, 3]] };
        golden::check("seen.1.json", &SeenRecord([("main".into(), seen)].into()));
        let response = Response::Reply("<xml>¥99</xml>".into());
        let answers = vec![Answered { key: "9f".repeat(20), response }];
        golden::check("answers.1.json", &AnswersRecord([("main".into(), answers)].into()));
        golden::check("replay-head.1.json", &HeadRecord(7));
    }

    #[test]
    fn a_flood_is_noted_up_to_a_bound() {
        let notes = Notes::default();
        for number in 0..3 * MOST_NOTED as u64 {
            notes.query(number, 0);
            let key = MessageKey::from_hex(&format!("{number:040x}")).expect("it is hex");
            notes.message(key, Some(&Response::Reply(vec![b'a'; 1000].into())));
        }
        let (seen, answers) = notes.take();
        assert_eq!((seen.messages.len(), seen.queries.len()), (MOST_NOTED, MOST_NOTED));
        assert!(answers.len() * 1064 <= MOST_BYTES);
        notes.put_back(&seen);
        assert_eq!(notes.take(), (seen, Vec::new()));
    }
}
