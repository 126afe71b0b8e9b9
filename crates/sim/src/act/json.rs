//! Acts from JSON, as the control API takes them.

use serde::Deserialize;
use serde::de::Error;
use serde_json::{Map, Value};

use super::Act;
use crate::element::Element;

impl TryFrom<&Value> for Act {
    type Error = serde_json::Error;

    fn try_from(json: &Value) -> Result<Self, serde_json::Error> {
        match json.as_object().and_then(|fields| Some((fields.get("event")?.as_str()?, fields))) {
            Some((name, fields)) => event(name, fields),
            None => Self::deserialize(json),
        }
    }
}

/// Events that have an act of their own are that act: it may change more than the chat.
fn event(name: &str, fields: &Map<String, Value>) -> Result<Act, serde_json::Error> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let required = |name: &'static str| text(name).ok_or(serde_json::Error::missing_field(name));
    Ok(match name.to_ascii_lowercase().as_str() {
        "subscribe" if text("key").is_none_or(|key| key.is_empty()) => Act::Subscribe,
        "subscribe" => {
            let key = required("key")?;
            let scene = key.strip_prefix("qrscene_").unwrap_or(&key).to_owned();
            Act::ScanScene { scene, ticket: required("ticket")? }
        }
        "unsubscribe" => Act::Unsubscribe,
        "scan" => Act::ScanScene { scene: required("key")?, ticket: required("ticket")? },
        "click" => Act::Click(required("key")?),
        "view" => Act::View { url: required("key")?, menu_id: None },
        _ => other_event(name, fields)?,
    })
}

fn other_event(name: &str, fields: &Map<String, Value>) -> Result<Act, serde_json::Error> {
    let key = fields.get("key").map(|key| ("EventKey", key));
    let rest = fields.iter().filter(|(name, _)| !["event", "key"].contains(&name.as_str()));
    let all = key.into_iter().chain(rest.map(|(name, value)| (name.as_str(), value)));
    let fields = all.map(|(name, value)| element(name, value)).collect::<Result<Vec<_>, _>>()?;
    Ok(Act::event(name, fields))
}

fn element(name: &str, value: &Value) -> Result<Element, serde_json::Error> {
    match value {
        Value::String(text) => Ok(Element::text(name, text)),
        Value::Number(number) => Ok(Element::number(name, number)),
        Value::Object(fields) => {
            let inside = fields.iter().map(|(name, value)| element(name, value));
            Ok(Element::nested(name, inside.collect::<Result<_, _>>()?))
        }
        _ => Err(serde_json::Error::custom(format!(
            "`{name}` must be a string, a number or an object"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(json: &Value, act: Act) {
        assert_eq!(Act::try_from(json).unwrap(), act, "{json}");
    }

    #[test]
    fn an_act_is_an_object_or_a_string() {
        check(&json!({ "text": "hi" }), Act::text("hi"));
        check(&json!("subscribe"), Act::Subscribe);
        check(&json!({ "click": "K" }), Act::click("K"));
        check(&json!({ "menu_item": { "content": "yes", "id": "1" } }), Act::menu_item("yes", "1"));
        check(&json!({ "scan": { "ticket": "gQ" } }), Act::scan("gQ"));
        let image = json!({ "image": { "media_id": "M", "pic_url": "http://e.com" } });
        check(&image, Act::Image { pic_url: "http://e.com".into(), media_id: "M".into() });
        let voice = json!({ "voice": { "media_id": "M", "format": "amr" } });
        check(&voice, Act::voice("M"));
    }

    #[test]
    fn an_event_is_read_by_its_name() {
        check(&json!({ "event": "CLICK", "key": "K" }), Act::click("K"));
        check(&json!({ "event": "subscribe" }), Act::Subscribe);
        let scanned = Act::ScanScene { scene: "s".into(), ticket: "t".into() };
        let subscribed = json!({ "event": "subscribe", "key": "qrscene_s", "ticket": "t" });
        check(&subscribed, scanned.clone());
        check(&json!({ "event": "SCAN", "key": "s", "ticket": "t" }), scanned);
        let fields = vec![
            Element::text("EventKey", "K"),
            Element::text("CardId", "p1"),
            Element::nested("Info", vec![Element::number("Count", 2)]),
        ];
        let json = json!({ "event": "new", "key": "K", "CardId": "p1", "Info": { "Count": 2 } });
        check(&json, Act::event("new", fields));
    }

    #[test]
    fn what_is_no_act_is_an_error() {
        for json in [json!({ "dance": 1 }), json!({ "event": "CLICK" }), json!("text"), json!(1)] {
            assert!(Act::try_from(&json).is_err(), "{json}");
        }
    }
}
