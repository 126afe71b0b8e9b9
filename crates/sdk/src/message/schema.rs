//! The JSON Schema of a message: what all have, and what those of each kind have.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{ArticleOrigin, Content, Message};

impl JsonSchema for Message {
    fn schema_name() -> Cow<'static, str> {
        "Message".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let article = generator.subschema_for::<Option<ArticleOrigin>>();
        json_schema!({
            "type": "object",
            "description": "A message of a follower, or an event.",
            "properties": {
                "kind": { "type": "string", "description": "MsgType in lower case; an unknown one as it came." },
                "openid": { "type": "string", "description": "The follower." },
                "to": { "type": "string", "description": "The account's original id, `gh_…`." },
                "msg_id": { "type": ["string", "null"], "description": "Of a message; events have none." },
                "create_time": { "type": "integer", "description": "Unix seconds." },
                "article": article,
                "fields": {
                    "type": "object",
                    "description": "Every field that came, as WeChat names it; what repeats is a list.",
                    "additionalProperties": { "type": ["string", "object", "array"] },
                },
            },
            "required": ["kind", "openid", "to", "msg_id", "create_time", "article", "fields"],
            "anyOf": contents(generator),
        })
    }
}

/// One for each kind of content, with the kinds that it stands for.
fn contents(generator: &mut SchemaGenerator) -> Vec<Value> {
    let content = Content::json_schema(generator);
    let variants = content.get("anyOf").and_then(Value::as_array).cloned().unwrap_or_default();
    variants.into_iter().enumerate().map(|(place, variant)| with_kind(place, variant)).collect()
}

/// The kind stands beside the content's own fields, in the order of the variants.
fn with_kind(place: usize, variant: Value) -> Value {
    const DEVICE: usize = 9;
    const EVENT: usize = 10;
    let kinds: &[&str] = match place {
        DEVICE => &Content::KINDS[10..],
        EVENT => &["event"],
        place => Content::KINDS.get(place..=place).unwrap_or_default(),
    };
    let kind = match place {
        place if place > EVENT => json!({ "not": { "enum": Content::KINDS } }),
        _ => json!({ "enum": kinds }),
    };
    json!({ "properties": { "kind": kind }, "allOf": [variant] })
}
