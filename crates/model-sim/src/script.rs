//! What a model answers, and what goes wrong with it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

/// One answer. It begins as one that is right, and is then told what is odd about it.
#[derive(Debug, Clone)]
pub struct Script {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) head_after: Duration,
    pub(crate) unreachable: bool,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) over: Duration,
    pub(crate) keep_alive: Option<Duration>,
    pub(crate) finish: Option<String>,
    pub(crate) end: End,
    pub(crate) usage: Option<(u64, u64)>,
    pub(crate) usage_in_choices: bool,
    pub(crate) without_index: bool,
    /// A body that is none of the above.
    pub(crate) raw: Option<String>,
    pub(crate) is_stream: bool,
}

/// One step of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    Reasoning(String),
    /// A chunk as it is.
    Chunk(Value),
    Call(ScriptedCall),
}

/// A tool that is called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScriptedCall {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should.
    Done,
    /// The connection breaks.
    Cut,
    /// Nothing comes any more.
    Stall,
}

impl Script {
    /// Says this, a few characters at a time, and counts ten tokens in and ten out.
    pub fn text(text: impl AsRef<str>) -> Self {
        let characters: Vec<char> = text.as_ref().chars().collect();
        let pieces = characters.chunks(4).map(|few| Piece::Text(few.iter().collect()));
        Self { pieces: pieces.collect(), ..Self::silent() }
    }

    /// Refuses with a status, and an error body that names it.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = status.canonical_reason().unwrap_or("error").replace(' ', "_");
        Self { status, ..Self::silent() }.error(&code, "the fake says so")
    }

    /// A body of the test's own, with status 200.
    pub fn raw(body: impl Into<String>) -> Self {
        Self { raw: Some(body.into()), ..Self::silent() }
    }

    /// Embeddings, in the order of the texts that were asked about, for a token each.
    pub fn embeddings(vectors: impl IntoIterator<Item = Vec<f32>>) -> Self {
        let item =
            |(index, vector)| json!({ "object": "embedding", "index": index, "embedding": vector });
        let data: Vec<Value> = vectors.into_iter().enumerate().map(item).collect();
        let usage = json!({ "prompt_tokens": data.len(), "total_tokens": data.len() });
        Self::raw(json!({ "object": "list", "data": data, "usage": usage }).to_string())
    }

    /// Nobody listens there.
    pub fn unreachable() -> Self {
        Self { unreachable: true, ..Self::silent() }
    }

    /// An answer without a word.
    pub fn silent() -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            head_after: Duration::ZERO,
            unreachable: false,
            pieces: Vec::new(),
            over: Duration::ZERO,
            keep_alive: None,
            finish: Some("stop".into()),
            end: End::Done,
            usage: Some((10, 10)),
            usage_in_choices: false,
            without_index: false,
            raw: None,
            is_stream: false,
        }
    }

    /// The error in the body, as OpenAI writes it.
    #[must_use]
    pub fn error(mut self, code: &str, message: &str) -> Self {
        let error = json!({ "message": message, "type": "error", "param": null, "code": code });
        self.raw = Some(json!({ "error": error }).to_string());
        self
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The head comes after so long.
    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.head_after = time;
        self
    }

    /// The pieces are spread over so long, each behind its share.
    #[must_use]
    pub fn over(mut self, time: Duration) -> Self {
        self.over = time;
        self
    }

    /// Sends a comment whenever nothing was sent for so long, as busy servers do.
    #[must_use]
    pub fn keep_alive(mut self, every: Duration) -> Self {
        self.keep_alive = Some(every);
        self
    }

    /// Thinks this first, in `reasoning_content`.
    #[must_use]
    pub fn reasoning(mut self, text: &str) -> Self {
        self.pieces.insert(0, Piece::Reasoning(text.into()));
        self
    }

    /// Sends this chunk first, as it is.
    #[must_use]
    pub fn chunk(mut self, chunk: Value) -> Self {
        self.pieces.insert(0, Piece::Chunk(chunk));
        self
    }

    /// Calls this tool behind what it says, with arguments that should be JSON.
    #[must_use]
    pub fn call(mut self, name: &str, arguments: impl ToString) -> Self {
        let index = self.pieces.iter().filter(|piece| matches!(piece, Piece::Call(_))).count();
        let (name, arguments) = (name.to_owned(), arguments.to_string());
        self.pieces.push(Piece::Call(ScriptedCall { index, name, arguments }));
        self.finish = Some("tool_calls".into());
        self
    }

    /// Leaves the index out of the pieces of calls, as some servers do.
    #[must_use]
    pub fn without_index(mut self) -> Self {
        self.without_index = true;
        self
    }

    /// Why it ends: `stop` unless told otherwise.
    #[must_use]
    pub fn finish(mut self, reason: &str) -> Self {
        self.finish = Some(reason.into());
        self
    }

    /// The connection breaks behind the last piece.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.end = End::Cut;
        self
    }

    /// Behind the last piece nothing comes any more, and the connection stays.
    #[must_use]
    pub fn stall(mut self) -> Self {
        self.end = End::Stall;
        self
    }

    /// Counts so many tokens in and out.
    #[must_use]
    pub fn usage(mut self, prompt: u64, completion: u64) -> Self {
        self.usage = Some((prompt, completion));
        self
    }

    /// Counts nothing.
    #[must_use]
    pub fn without_usage(mut self) -> Self {
        self.usage = None;
        self
    }

    /// Counts in the last choice, as Moonshot does, instead of a chunk of its own.
    #[must_use]
    pub fn usage_in_choices(mut self) -> Self {
        self.usage_in_choices = true;
        self
    }

    /// Knows whether it was asked for a stream.
    pub(crate) fn streaming(mut self, wanted: bool) -> Self {
        let is_error = self.status != StatusCode::OK;
        self.is_stream = wanted && !is_error && self.raw.is_none();
        let named = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !named {
            let kind = if self.is_stream { "text/event-stream" } else { "application/json" };
            self.headers.push(("Content-Type".into(), kind.into()));
        }
        self
    }
}
