//! Coze's `v3/chat`: a bot of Coze's has its own prompt; what was said before is told anew each time.

use serde_json::{Map, Value, json};

use super::completion::Completion;
use super::failure::Failure;
use super::question::{Question, Said};

pub(crate) const PATH: &str = "/v3/chat";

/// Always as a stream: otherwise it would have to be polled.
pub(crate) fn request(question: &Question, bot: &str) -> Map<String, Value> {
    let said = question.all().iter().filter_map(|said| match said {
        Said::Follower { text, .. } => {
            Some(json!({ "role": "user", "type": "question", "content": text, "content_type": "text" }))
        }
        Said::Model(text) => {
            Some(json!({ "role": "assistant", "type": "answer", "content": text, "content_type": "text" }))
        }
        Said::Called { .. } | Said::Result { .. } => None,
    });
    let mut body = Map::new();
    body.insert("bot_id".into(), bot.into());
    body.insert("user_id".into(), question.user().into());
    body.insert("stream".into(), true.into());
    body.insert("auto_save_history".into(), false.into());
    body.insert("additional_messages".into(), said.collect());
    body
}

/// Takes an event by its name; a body without one is an error.
pub(crate) fn read(name: &str, data: &Value, completion: &mut Completion) -> Result<(), Failure> {
    match name {
        "conversation.message.delta" if data["type"] == "answer" => {
            completion.begin();
            completion.say(data["content"].as_str().unwrap_or_default());
        }
        "conversation.chat.completed" => {
            completion.begin();
            completion.count(data["usage"]["token_count"].as_u64());
            completion.finish("stop");
        }
        "conversation.chat.failed" => return Err(Failure::of_error(&data["last_error"])),
        "error" | "" => return Err(Failure::of_error(data)),
        _ => {}
    }
    Ok(())
}
