//! OpenAI's chat completions, as nearly everybody speaks them.
//!
//! Read leniently: providers differ in everything but `choices`, and one odd field costs no answer.

use serde_json::{Map, Value, json};

use super::call::{Call, ToolSchema};
use super::completion::Completion;
use super::failure::Failure;
use super::question::{Question, Said};

pub(crate) const PATH: &str = "/chat/completions";

pub(crate) fn request(question: &Question, model: &str, stream: bool) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    body.insert("messages".into(), messages(question));
    body.insert("stream".into(), stream.into());
    if stream {
        body.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    if !question.tools().is_empty() {
        body.insert("tools".into(), question.tools().iter().map(tool).collect());
        if !question.may_call() {
            body.insert("tool_choice".into(), "none".into());
        }
    }
    body
}

fn messages(question: &Question) -> Value {
    let system = question.system();
    let system = (!system.is_empty()).then(|| json!({ "role": "system", "content": system }));
    let message = |said: &Said| match said {
        Said::Follower { text, picture: None } => json!({ "role": "user", "content": text }),
        Said::Follower { text, picture: Some(url) } => json!({ "role": "user", "content": [
            { "type": "text", "text": text },
            { "type": "image_url", "image_url": { "url": url } },
        ] }),
        Said::Model(text) if question.gives_reasoning() => {
            json!({ "role": "assistant", "content": text, "reasoning_content": "" })
        }
        Said::Model(text) => json!({ "role": "assistant", "content": text }),
        Said::Called { text, reasoning, calls } => {
            let calls: Value = calls.iter().map(call).collect();
            let mut message = json!({ "role": "assistant", "content": text, "tool_calls": calls });
            // Who thinks aloud wants to know it in the next step.
            if question.gives_reasoning() || !reasoning.is_empty() {
                message["reasoning_content"] = reasoning.as_str().into();
            }
            message
        }
        Said::Result { id, text } => {
            json!({ "role": "tool", "tool_call_id": id, "content": text })
        }
    };
    system.into_iter().chain(question.all().iter().map(message)).collect()
}

fn tool(ToolSchema { name, description, parameters }: &ToolSchema) -> Value {
    let function = json!({ "name": name, "description": description, "parameters": parameters });
    json!({ "type": "function", "function": function })
}

/// Arguments that are no JSON are a 400 at some APIs.
fn call(Call { id, name, arguments }: &Call) -> Value {
    let is_json = serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
    let arguments = if is_json { arguments.as_str() } else { "{}" };
    let function = json!({ "name": name, "arguments": arguments });
    json!({ "id": id, "type": "function", "function": function })
}

/// Takes a chunk, or a whole completion.
pub(crate) fn read(chunk: &Value, completion: &mut Completion) -> Result<(), Failure> {
    let Some(choices) = chunk.get("choices").and_then(Value::as_array) else {
        let is_error =
            chunk.get("error").is_some_and(|error| !error.is_null()) || chunk.get("code").is_some();
        return if is_error { Err(Failure::of_error(chunk)) } else { Ok(()) };
    };
    completion.begin();
    completion.count(tokens(&chunk["usage"]));
    let is_first = |choice: &&Value| choice["index"].as_u64().unwrap_or(0) == 0;
    let Some(choice) = choices.iter().find(is_first) else { return Ok(()) };
    completion.count(tokens(&choice["usage"]));
    for said in ["delta", "message"] {
        say(&choice[said]["content"], completion);
        completion.think(choice[said]["reasoning_content"].as_str().unwrap_or_default());
        completion.calls().read(&choice[said]["tool_calls"]);
    }
    match choice["finish_reason"].as_str() {
        Some("content_filter" | "sensitive") => return Err(Failure::Moderated),
        Some(reason) if !reason.is_empty() => completion.finish(reason),
        _ => {}
    }
    Ok(())
}

/// A text, nothing, or a list of parts of which some are text.
fn say(content: &Value, completion: &mut Completion) {
    match content {
        Value::String(text) => completion.say(text),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.for_each(|text| completion.say(text));
        }
        _ => {}
    }
}

fn tokens(usage: &Value) -> Option<u64> {
    let number = |key: &str| usage[key].as_u64();
    let sum = || Some(number("prompt_tokens")? + number("completion_tokens")?);
    number("total_tokens").or_else(sum)
}
