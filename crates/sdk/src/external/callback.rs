//! Answers that come by themselves: a handler says that it takes longer, and posts its answer to any
//! instance of the bot, once, with a token that was made for one message and one link.
//!
//! What is stored of a token is its SHA-256, in hex: whoever makes it and whoever takes it know how.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use tokio::time::{Instant, timeout};

use super::answer::{Answer, AnswerError};
use crate::context::Context;
use crate::store::record::{Record, decode};
use crate::store::{Change, Store, StoreError, insert_or_update, keys, update};

/// How long an answer is there for a process that has to begin again, and a token is known as used.
const KEPT: Duration = Duration::from_secs(600);
/// A message is asked about again after each crash.
const MAX_TOKENS: usize = 4;
/// Until the store is looked at again although no change was heard of, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How a handler can answer by itself.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Callback {
    /// Where to POST the answer, with the header `Authorization: Bearer TOKEN`.
    pub url: String,
    /// Good for one answer, to this message.
    pub token: String,
    /// So long the answer is waited for, in milliseconds.
    pub expires_ms: u64,
}

/// An answer that may come by itself.
pub struct PendingAnswer {
    store: Arc<dyn Store>,
    key: String,
    /// Nobody waits for it any longer.
    deadline: Instant,
    was_promised: bool,
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// Nobody waits.
    #[error("no message waits for this answer: its time is over, or it was answered otherwise")]
    Unknown,
    /// It is somebody else's.
    #[error("the token is not the one of this callback")]
    WrongToken,
    /// There is an answer.
    #[error("the token was used: a message is answered once")]
    Used,
    /// It is something else.
    #[error(transparent)]
    NoAnswer(#[from] AnswerError),
    /// It can't be kept.
    #[error("the answer can't be stored now; post it again")]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CallbackRecord {
    /// SHA-256 of each token that was given out, in hex.
    tokens: Vec<String>,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// The handler is being asked.
    Asked,
    /// It said that its answer follows.
    Promised,
    /// Here it is.
    Answered(Value),
}

impl Record for CallbackRecord {
    const NAME: &'static str = "callback";
    const VERSION: u32 = 1;
}

impl PendingAnswer {
    /// Lets the answer to a message come by itself. `id` is that of message and link, `token` the
    /// SHA-256 of the token.
    pub async fn open(
        ctx: &Context,
        id: &str,
        token: &str,
        ttl: Duration,
    ) -> Result<Self, StoreError> {
        let (store, key) = (Arc::clone(&ctx.incoming().store), keys::callback(id));
        let deadline = Instant::now() + ttl;
        let open = |found: Option<CallbackRecord>| {
            let mut tokens = match found {
                Some(CallbackRecord { state: State::Asked, tokens }) => tokens,
                Some(_) => return Change::Keep,
                None => Vec::new(),
            };
            tokens.push(token.to_owned());
            tokens.drain(..tokens.len().saturating_sub(MAX_TOKENS));
            Change::Put(CallbackRecord { tokens, state: State::Asked }, ttl)
        };
        let record = insert_or_update(&*store, &key, open).await?;
        let was_promised = record.is_some_and(|record| record.state != State::Asked);
        Ok(Self { store, key, deadline, was_promised })
    }

    /// Whether the handler said already that its answer follows, to a process that is gone. Then it
    /// is not asked again.
    pub fn was_promised(&self) -> bool {
        self.was_promised
    }

    /// Waits for the answer, as the handler says that it follows; `None` when its time is over. A store
    /// in trouble is asked again until then: the answer may be there, or come.
    pub async fn wait(&self) -> Result<Option<Answer>, StoreError> {
        let (mut watch, mut pause) = (self.store.watch(&self.key).await, PAUSE.0);
        let mut is_promised = false;
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            match self.look(&mut is_promised).await {
                Ok(Some(State::Answered(answer))) => return Ok(Answer::from_value(answer).ok()),
                Ok(None) => return Ok(None),
                Err(error @ StoreError::Record { .. }) => return Err(error),
                Err(error) if left.is_zero() => return Err(error),
                Ok(Some(_)) | Err(_) => {}
            }
            let _ = timeout(pause.min(left.max(PAUSE.0)), watch.changed()).await;
            pause = (pause * 3 / 2).min(PAUSE.1);
        }
    }

    /// How far it is; `None` where nothing is expected any more.
    async fn look(&self, is_promised: &mut bool) -> Result<Option<State>, StoreError> {
        if !*is_promised {
            self.promise().await?;
            *is_promised = true;
        }
        let found = self.store.get(&self.key).await?;
        found.map(|bytes| self.read(&bytes).map(|record| record.state)).transpose()
    }

    /// The handler failed: an answer that it has posted all the same, or `None`, and then none is
    /// taken any more.
    pub async fn abandon(self) -> Option<Answer> {
        let mut answer = None;
        let abandon = |found: Option<CallbackRecord>| match found {
            Some(CallbackRecord { state: State::Answered(posted), .. }) => {
                answer = Answer::from_value(posted).ok();
                Change::Keep
            }
            _ => Change::Remove,
        };
        if let Err(error) = update(&*self.store, &self.key, abandon).await {
            tracing::warn!(%error, "a callback was not taken back");
        }
        answer
    }

    /// The handler answered in its response: none is taken any more.
    pub async fn close(self) {
        if let Err(error) = self.store.delete(&self.key).await {
            tracing::warn!(%error, "a callback was not taken back");
        }
    }

    async fn promise(&self) -> Result<(), StoreError> {
        let promise = |found: Option<CallbackRecord>| match found {
            Some(CallbackRecord { tokens, state: State::Asked }) => {
                let left = self.deadline.saturating_duration_since(Instant::now());
                Change::Put(CallbackRecord { tokens, state: State::Promised }, left)
            }
            _ => Change::Keep,
        };
        update(&*self.store, &self.key, promise).await.map(drop)
    }

    fn read(&self, bytes: &[u8]) -> Result<CallbackRecord, StoreError> {
        decode(bytes).map_err(|source| StoreError::Record { key: self.key.clone(), source })
    }
}

/// Takes the answer that a handler posts, from whoever has the token. `token` is its SHA-256.
pub async fn deliver(
    store: &dyn Store,
    id: &str,
    token: &str,
    json: &[u8],
) -> Result<(), CallbackError> {
    let (answer, mut refused) = (read(json), None);
    let take = |found: Option<CallbackRecord>| match check(found, token, &answer) {
        Ok(answered) => {
            refused = None;
            Change::Put(answered, KEPT)
        }
        Err(error) => {
            refused = Some(error);
            Change::Keep
        }
    };
    update(store, &keys::callback(id), take).await?;
    refused.map_or(Ok(()), Err)
}

/// The record with the answer, if it is to be taken.
fn check(
    found: Option<CallbackRecord>,
    token: &str,
    answer: &Result<Value, AnswerError>,
) -> Result<CallbackRecord, CallbackError> {
    let CallbackRecord { tokens, state } = found.ok_or(CallbackError::Unknown)?;
    let is_one = |known: &String| bool::from(known.as_bytes().ct_eq(token.as_bytes()));
    match state {
        _ if !tokens.iter().any(is_one) => Err(CallbackError::WrongToken),
        State::Answered(_) => Err(CallbackError::Used),
        State::Asked | State::Promised => {
            Ok(CallbackRecord { tokens, state: State::Answered(answer.clone()?) })
        }
    }
}

/// The answer itself, not another announcement of it.
fn read(json: &[u8]) -> Result<Value, AnswerError> {
    let answer = Answer::read(json)?;
    if answer.later.is_some() {
        let problem = "expected the answer itself, got `later`".to_owned();
        return Err(AnswerError::NotAnAnswer(problem));
    }
    Ok(serde_json::from_slice(json).unwrap_or_else(|_| Value::Object(Map::new())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::encode;

    #[test]
    fn what_is_stored_has_a_golden_file() {
        let golden = include_str!("../../tests/golden/callback.1.json");
        let answer = serde_json::json!({ "reply": "¥99" });
        let record = CallbackRecord {
            tokens: vec!["9f86d081".into(), "a1b2c3d4".into()],
            state: State::Answered(answer),
        };
        assert_eq!(String::from_utf8(encode(&record)).unwrap(), golden);
        assert_eq!(decode::<CallbackRecord>(golden.as_bytes()).unwrap(), record);
    }

    #[test]
    fn an_answer_is_taken_once_and_with_its_token_alone() {
        let found = |state: State| Some(CallbackRecord { tokens: vec!["right".into()], state });
        let check = |found, token, json: &str| match check(found, token, &read(json.as_bytes())) {
            Ok(record) => format!("{:?}", record.state),
            Err(error) => error.to_string(),
        };
        let table = [
            (None, "right", "{}", "no message waits"),
            (found(State::Asked), "wrong", "{}", "the token is not the one"),
            (found(State::Asked), "", "{}", "the token is not the one"),
            (found(State::Promised), "wrong", "garbage", "the token is not the one"),
            (found(State::Answered(Value::Null)), "wrong", "{}", "the token is not the one"),
            (found(State::Answered(Value::Null)), "right", "{}", "the token was used"),
            (found(State::Promised), "right", "garbage", "expected JSON such as"),
            (found(State::Promised), "right", r#"{"later":"more"}"#, "expected the answer itself"),
            (found(State::Promised), "right", r#"{"replay":"hi"}"#, "unknown field `replay`"),
            (found(State::Promised), "right", "", "Answered(Object {})"),
            (found(State::Asked), "right", r#"{"stop":true}"#, r#"{"stop": Bool(true)}"#),
        ];
        for (record, token, json, expected) in table {
            let came = check(record, token, json);
            assert!(came.contains(expected), "{token} {json}: {came}");
        }
    }
}
