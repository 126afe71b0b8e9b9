//! One request as it came.

use bytes::Bytes;
use http::{HeaderMap, Request};
use serde_json::Value;

/// What a client asked.
#[derive(Debug, Clone)]
pub struct Received {
    /// How many came before it.
    pub number: usize,
    /// For example `/v1/chat/completions`.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The JSON; null where it was none.
    pub body: Value,
}

impl Received {
    pub(crate) fn read(number: usize, request: &Request<Bytes>) -> Self {
        Self {
            number,
            path: request.uri().path().to_owned(),
            headers: request.headers().clone(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
        }
    }

    /// The model that is meant.
    pub fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }

    /// Whether the answer is wanted piece by piece.
    pub fn wants_stream(&self) -> bool {
        self.body["stream"].as_bool().unwrap_or(false)
    }

    /// One header; empty where there is none, or no text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The texts that vectors are wanted of; empty where it is another question.
    pub fn inputs(&self) -> Vec<String> {
        let all = match &self.body["input"] {
            Value::String(one) => return vec![one.clone()],
            all => all.as_array().into_iter().flatten(),
        };
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Who said what, in order. Of what is not text alone, the text.
    pub fn messages(&self) -> Vec<(String, String)> {
        let messages = self.body["messages"].as_array().into_iter().flatten();
        let read = |message: &Value| {
            (message["role"].as_str().unwrap_or_default().to_owned(), text(&message["content"]))
        };
        messages.map(read).collect()
    }

    /// The tools that may be called, by name; empty where none may.
    pub fn tools(&self) -> Vec<String> {
        if self.body["tool_choice"] == "none" {
            return Vec::new();
        }
        let tools = self.body["tools"].as_array().into_iter().flatten();
        tools.filter_map(|tool| tool["function"]["name"].as_str()).map(str::to_owned).collect()
    }

    /// What tools said since the question, in order.
    pub fn results(&self) -> Vec<String> {
        let messages = self.messages();
        let asked = messages.iter().rposition(|(role, _)| role == "user").unwrap_or(0);
        let results = messages.into_iter().skip(asked).filter(|(role, _)| role == "tool");
        results.map(|(_, text)| text).collect()
    }

    /// What was said last.
    pub fn question(&self) -> String {
        self.messages().pop().map(|(_, text)| text).unwrap_or_default()
    }

    /// The system prompt; empty where there is none.
    pub fn system(&self) -> String {
        let mut messages = self.messages().into_iter();
        messages.find(|(role, _)| role == "system").map(|(_, text)| text).unwrap_or_default()
    }

    /// The URLs of all pictures, in order.
    pub fn pictures(&self) -> Vec<String> {
        let messages = self.body["messages"].as_array().into_iter().flatten();
        let parts = messages.filter_map(|message| message["content"].as_array()).flatten();
        parts.filter_map(|part| part["image_url"]["url"].as_str()).map(str::to_owned).collect()
    }
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}
