//! An answer as it is put together from what an API sends, whole or in pieces.
//!
//! Read leniently: providers differ in everything but `choices`, and one odd field costs no answer.

use serde_json::{Deserializer, Value};

use super::failure::Failure;

/// What came so far.
#[derive(Debug, Default)]
pub(crate) struct Completion {
    text: String,
    finish: Option<String>,
    tokens: Option<u64>,
    /// Something came that was meant as a part of a completion.
    is_one: bool,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The model had no more to say.
    Stop,
    /// It had, and may not.
    Length,
    /// The connection broke, or nothing came any more.
    Broken,
}

impl Completion {
    /// Takes one event of a stream, or a body. Several chunks may stand in one; what is no JSON,
    /// such as `[DONE]`, is no chunk.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        for chunk in Deserializer::from_slice(bytes).into_iter::<Value>() {
            let Ok(chunk) = chunk else { break };
            self.take_chunk(&chunk)?;
        }
        Ok(())
    }

    fn take_chunk(&mut self, chunk: &Value) -> Result<(), Failure> {
        let Some(choices) = chunk.get("choices").and_then(Value::as_array) else {
            let is_error = chunk.get("error").is_some_and(|error| !error.is_null())
                || chunk.get("code").is_some();
            return if is_error { Err(Failure::of_error(chunk)) } else { Ok(()) };
        };
        self.is_one = true;
        self.count(&chunk["usage"]);
        let is_first = |choice: &&Value| choice["index"].as_u64().unwrap_or(0) == 0;
        let Some(choice) = choices.iter().find(is_first) else { return Ok(()) };
        self.count(&choice["usage"]);
        for said in ["delta", "message"] {
            self.add(&choice[said]["content"]);
        }
        match choice["finish_reason"].as_str() {
            Some("content_filter" | "sensitive") => return Err(Failure::Moderated),
            Some(reason) if !reason.is_empty() => self.finish = Some(reason.to_owned()),
            _ => {}
        }
        Ok(())
    }

    /// A text, nothing, or a list of parts of which some are text.
    fn add(&mut self, content: &Value) {
        match content {
            Value::String(text) => self.text.push_str(text),
            Value::Array(parts) => {
                let texts = parts.iter().filter_map(|part| part["text"].as_str());
                texts.for_each(|text| self.text.push_str(text));
            }
            _ => {}
        }
    }

    /// The last count is the whole one.
    fn count(&mut self, usage: &Value) {
        let number = |key: &str| usage[key].as_u64();
        let sum = || Some(number("prompt_tokens")? + number("completion_tokens")?);
        self.tokens = number("total_tokens").or_else(sum).or(self.tokens);
    }

    /// Whether anything of a completion came at all.
    pub(crate) fn is_one(&self) -> bool {
        self.is_one
    }

    /// Whether the model said that it is done.
    pub(crate) fn is_finished(&self) -> bool {
        self.finish.is_some()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn tokens(&self) -> Option<u64> {
        self.tokens
    }

    pub(crate) fn end(&self) -> End {
        if self.finish.as_deref() == Some("length") { End::Length } else { End::Stop }
    }
}
