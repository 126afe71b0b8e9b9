//! OpenAI's chat completions, as nearly everybody speaks them.
//!
//! Read leniently: providers differ in everything but `choices`, and one odd field costs no answer.

use serde_json::{Map, Value, json};

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
    body
}

fn messages(question: &Question) -> Value {
    let system = question.system();
    let system = (!system.is_empty()).then(|| json!({ "role": "system", "content": system }));
    let said = question.all().iter().map(|said| match said {
        Said::Follower { text, picture: None } => json!({ "role": "user", "content": text }),
        Said::Follower { text, picture: Some(url) } => json!({ "role": "user", "content": [
            { "type": "text", "text": text },
            { "type": "image_url", "image_url": { "url": url } },
        ] }),
        Said::Model(text) if question.gives_reasoning() => {
            json!({ "role": "assistant", "content": text, "reasoning_content": "" })
        }
        Said::Model(text) => json!({ "role": "assistant", "content": text }),
    });
    system.into_iter().chain(said).collect()
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
