//! What a handler in another program answers, and what is wrong with what is none.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::remembered;
use crate::context::Context;
use crate::plugin::Flow;
use crate::reply::Reply;

/// What a handler answers. One that says nothing is not meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// What to say: a text, an object for any kind, or a list of several. Ends the chain.
    pub reply: Option<Reply>,
    /// Without a reply: nothing is said, and nobody else is asked.
    pub stop: bool,
    /// Comes back with the follower's next message, for 30 days. `null` forgets it; left out, it stays
    /// as it is.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub session: Option<Option<Map<String, Value>>>,
    /// Said at once, as the answer takes longer; `""` for nothing. The answer itself follows.
    pub later: Option<String>,
}

/// Why it is no answer. Nothing in it is from what a value says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not JSON at all.
    #[error(
        "expected JSON such as {{\"reply\": \"…\"}}, got {bytes} bytes that are none: {problem}"
    )]
    NotJson {
        /// So many came.
        bytes: usize,
        /// What the parser says.
        problem: String,
    },
    /// JSON, but not an answer.
    #[error("{0}")]
    NotAnAnswer(String),
    /// More than is read.
    #[error("expected at most {most} bytes, got more")]
    TooLong {
        /// So many are read.
        most: usize,
    },
}

impl Answer {
    /// Reads an answer. Nothing but blanks is one that says nothing.
    pub fn read(json: &[u8]) -> Result<Self, AnswerError> {
        if json.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let value: Value = serde_json::from_slice(json).map_err(|error| not_json(json, &error))?;
        Self::from_value(value)
    }

    /// Reads an answer that has been parsed already.
    pub fn from_value(value: Value) -> Result<Self, AnswerError> {
        if !value.is_object() {
            let problem =
                format!("expected an object such as {{\"reply\": \"…\"}}, got {}", kind(&value));
            return Err(AnswerError::NotAnAnswer(problem));
        }
        serde_json::from_value(value)
            .map_err(|error| AnswerError::NotAnAnswer(without_value(&error.to_string())))
    }

    /// Whether all it says is that the answer follows.
    pub fn is_interim(&self) -> bool {
        self.later.is_some() && self.reply.is_none() && !self.stop && self.session.is_none()
    }

    /// Remembers what is to be remembered, and says what becomes of the message. A failing store
    /// is no reason not to answer.
    pub async fn apply(mut self, ctx: &Context) -> Flow {
        if let Some(session) = self.session.take()
            && let Err(error) = remembered::set(session, ctx).await
        {
            tracing::warn!(%error, "a session was not stored");
        }
        self.into_flow()
    }

    fn into_flow(self) -> Flow {
        let says_nothing = |reply: &Reply| matches!(reply, Reply::Several(all) if all.is_empty());
        match self.reply.filter(|reply| !says_nothing(reply)) {
            Some(reply) => Flow::Reply(reply),
            None if self.stop => Flow::Stop,
            None => Flow::Pass,
        }
    }
}

/// Of what is there, `null` is something else than nothing.
fn given<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<Map<String, Value>>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn not_json(json: &[u8], error: &serde_json::Error) -> AnswerError {
    let problem = match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        _ => format!("line {}, column {}", error.line(), error.column()),
    };
    AnswerError::NotJson { bytes: json.len(), problem }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// serde repeats the value that it did not expect, which may be what a follower wrote.
fn without_value(message: &str) -> String {
    let rest = message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: "));
    let Some((came, expected)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let came = came.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("expected {expected}, got {came}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(json: &str) -> Flow {
        Answer::read(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}")).into_flow()
    }

    #[test]
    fn an_answer_becomes_what_the_chain_does() {
        let table = [
            ("", Flow::Pass),
            (" \r\n", Flow::Pass),
            ("{}", Flow::Pass),
            (r#"{"reply":null}"#, Flow::Pass),
            (r#"{"reply":[]}"#, Flow::Pass),
            (r#"{"reply":[],"stop":true}"#, Flow::Stop),
            (r#"{"stop":false}"#, Flow::Pass),
            (r#"{"stop":true}"#, Flow::Stop),
            (r#"{"reply":"hi"}"#, Flow::reply("hi")),
            (r#"{"reply":"hi","stop":true}"#, Flow::reply("hi")),
            (r#"{"reply":{"image":"M"}}"#, Flow::Reply(Reply::image("M"))),
            (r#"{"reply":["a",{"voice":"V"}]}"#, {
                Flow::Reply(Reply::several([Reply::text("a"), Reply::voice("V")]))
            }),
        ];
        for (json, expected) in table {
            assert_eq!(flow(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_answer_says_what_came_and_what_was_expected() {
        let table = [
            ("<html>", "expected JSON such as {\"reply\": \"…\"}, got 6 bytes that are none"),
            (r#"{"reply":"#, "it ends too early"),
            (r#""hi""#, "expected an object such as {\"reply\": \"…\"}, got a text"),
            ("null", "got null"),
            ("[]", "got a list"),
            (r#"{"replay":"hi"}"#, "unknown field `replay`, expected one of `reply`, `stop`"),
            (r#"{"reply":13800138000}"#, "or a list of them, got integer"),
            (r#"{"reply":{"video":"secret, expected"}}"#, "expected struct Video, got string"),
            (r#"{"reply":{"image":"M","text":"hi"}}"#, "a reply is exactly one of text, image"),
            (r#"{"stop":"yes"}"#, "expected a boolean, got string"),
            (r#"{"session":"yes"}"#, "expected a map, got string"),
        ];
        for (json, expected) in table {
            let error = Answer::read(json.as_bytes()).expect_err(json).to_string();
            assert!(error.contains(expected), "{json}: {error}");
            for secret in ["138", "secret", "yes", "html"] {
                assert!(!error.contains(secret), "{json}: {error}");
            }
        }
    }

    #[test]
    fn a_session_may_be_kept_changed_or_forgotten() {
        let session = |json: &str| Answer::read(json.as_bytes()).unwrap().session;
        assert_eq!(session("{}"), None);
        assert_eq!(session(r#"{"session":null}"#), Some(None));
        let changed = session(r#"{"session":{"step":2}}"#).flatten().unwrap();
        assert_eq!(changed["step"], 2);
    }

    #[test]
    fn later_alone_says_that_the_answer_follows() {
        let is_interim = |json: &str| Answer::read(json.as_bytes()).unwrap().is_interim();
        assert!(is_interim(r#"{"later":"one moment"}"#));
        assert!(!is_interim(r#"{"later":"one moment","reply":"there"}"#));
        assert!(!is_interim(r#"{"later":"one moment","stop":true}"#));
        assert!(!is_interim("{}"));
    }
}
