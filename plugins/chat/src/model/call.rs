//! A tool that the model calls, as it is put together from what an API sends.

use serde_json::Value;

/// Of one answer; further ones are not kept.
const MOST_CALLS: usize = 16;
/// Of one call, in bytes.
const MOST_ARGUMENTS: usize = 64 << 10;

/// A tool that the model calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Call {
    /// What its result has to name.
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON, as the model wrote it.
    pub(crate) arguments: String,
}

/// What the model can be told to call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToolSchema {
    pub(crate) name: String,
    pub(crate) description: String,
    /// A JSON Schema of an object.
    pub(crate) parameters: Value,
}

/// The calls of one answer.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    calls: Vec<(Option<u64>, Call)>,
}

impl Calls {
    /// Takes `tool_calls` of a delta, or of a whole message.
    pub(crate) fn read(&mut self, tool_calls: &Value) {
        tool_calls.as_array().into_iter().flatten().for_each(|delta| self.add(delta));
    }

    /// All of them; one without an id gets one.
    pub(crate) fn finished(&self) -> Vec<Call> {
        let numbered = self.calls.iter().map(|(_, call)| call.clone()).enumerate();
        let named = numbered.filter(|(_, call)| !call.name.is_empty());
        let with_id = named.map(|(place, call)| match &*call.id {
            "" => Call { id: format!("call_{place}"), ..call },
            _ => call,
        });
        with_id.collect()
    }

    fn add(&mut self, delta: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, name) = (text(&delta["id"]), text(&delta["function"]["name"]));
        let Some(call) = self.call_of(delta["index"].as_u64(), &id, &name) else { return };
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = name;
        }
        match &delta["function"]["arguments"] {
            Value::String(piece) if call.arguments.len() + piece.len() <= MOST_ARGUMENTS => {
                call.arguments.push_str(piece);
            }
            // As Ollama has it, whole.
            object @ Value::Object(_) => call.arguments = object.to_string(),
            _ => {}
        }
    }

    /// The call that a delta belongs to. Some APIs leave out the index, and some say 0 of every
    /// call: then another id, or a name where there is one already, begins another call.
    fn call_of(&mut self, index: Option<u64>, id: &str, name: &str) -> Option<&mut Call> {
        let last = self.calls.iter().rposition(|(known, _)| index.is_none() || *known == index);
        let is_another = |call: &Call| {
            let has_other_id = !id.is_empty() && !call.id.is_empty() && call.id != id;
            let is_named_again = index.is_none() && id.is_empty() && !name.is_empty();
            has_other_id || (is_named_again && !call.name.is_empty())
        };
        let place = match last.filter(|place| !is_another(&self.calls[*place].1)) {
            Some(place) => place,
            None if self.calls.len() == MOST_CALLS => return None,
            None => {
                self.calls.push((index, Call::default()));
                self.calls.len() - 1
            }
        };
        Some(&mut self.calls[place].1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(deltas: &[Value], expected: &[(&str, &str, &str)], why: &str) {
        let mut calls = Calls::default();
        deltas.iter().for_each(|delta| calls.read(delta));
        let finished = calls.finished();
        let found: Vec<_> = finished
            .iter()
            .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
            .collect();
        assert_eq!(found, expected, "{why}");
    }

    fn delta(index: Option<u64>, id: &str, name: &str, arguments: &str) -> Value {
        let mut delta = json!({ "function": { "arguments": arguments } });
        if let Some(index) = index {
            delta["index"] = index.into();
        }
        if !id.is_empty() {
            delta["id"] = id.into();
        }
        if !name.is_empty() {
            delta["function"]["name"] = name.into();
        }
        json!([delta])
    }

    #[test]
    fn calls_are_put_together_from_deltas() {
        let d = delta;
        let two = [("a", "f", "{\"x\":1}"), ("b", "g", "{}")];
        let streamed = [
            d(Some(0), "a", "f", ""),
            d(Some(0), "", "", "{\"x\""),
            d(Some(1), "b", "g", ""),
            d(Some(0), "", "", ":1}"),
            d(Some(1), "", "", "{}"),
        ];
        check(&streamed, &two, "as OpenAI does");
        let streamed = [
            d(None, "a", "f", ""),
            d(None, "", "", "{\"x\""),
            d(None, "", "", ":1}"),
            d(None, "b", "g", "{}"),
        ];
        check(&streamed, &two, "without an index");
        let streamed = [d(Some(0), "a", "f", "{\"x\":1}"), d(Some(0), "b", "g", "{}")];
        check(&streamed, &two, "index 0 throughout");
        let streamed =
            [d(None, "a", "f", "{\"x\":1}"), d(None, "a", "f", ""), d(None, "b", "g", "{}")];
        check(&streamed, &two, "an id that is repeated");
        let streamed = [d(None, "", "f", "{\"x\":1}"), d(None, "", "g", "{}")];
        check(&streamed, &[("call_0", "f", "{\"x\":1}"), ("call_1", "g", "{}")], "without ids");
        let whole = [json!([{ "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } }])];
        check(&whole, &two[..1], "arguments that are no string");
        check(&[d(Some(0), "a", "", "{}"), json!(null), json!("x")], &[], "no call at all");
    }

    #[test]
    fn calls_have_a_bound() {
        let mut calls = Calls::default();
        for n in 0..100 {
            calls.read(&delta(Some(n), "", "f", &"x".repeat(MOST_ARGUMENTS)));
            calls.read(&delta(Some(n), "", "", "x"));
        }
        let finished = calls.finished();
        assert_eq!((finished.len(), finished[15].arguments.len()), (MOST_CALLS, MOST_ARGUMENTS));
    }
}
