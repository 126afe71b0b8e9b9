//! Dify's `chat-messages`: an app of Dify's has its own prompt, and remembers the conversation.

use serde_json::{Map, Value, json};

use super::completion::Completion;
use super::failure::Failure;
use super::question::Question;

pub(crate) const PATH: &str = "/chat-messages";

pub(crate) fn request(question: &Question, stream: bool) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("inputs".into(), json!({}));
    body.insert("query".into(), question.last().into());
    body.insert("response_mode".into(), if stream { "streaming" } else { "blocking" }.into());
    body.insert("user".into(), question.user().into());
    if let Some(conversation) = question.conversation() {
        body.insert("conversation_id".into(), conversation.into());
    }
    body
}

/// Takes an event, or the whole answer, which says that it is a `message`.
pub(crate) fn read(event: &Value, completion: &mut Completion) -> Result<(), Failure> {
    let said = event["answer"].as_str().unwrap_or_default();
    if let Some(conversation) = event["conversation_id"].as_str().filter(|id| !id.is_empty()) {
        completion.belongs_to(conversation);
    }
    match event["event"].as_str().unwrap_or_default() {
        "message" | "agent_message" => {
            completion.begin();
            completion.say(said);
        }
        // The app's moderation did not like it.
        "message_replace" => {
            completion.take_back();
            completion.say(said);
        }
        "message_end" => {
            completion.begin();
            completion.finish("stop");
        }
        "error" => return Err(Failure::of_error(event)),
        _ => {}
    }
    completion.count(event["metadata"]["usage"]["total_tokens"].as_u64());
    Ok(())
}
