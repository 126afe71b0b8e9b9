//! Parametric QR codes (section 7.9).

use serde_json::{Value, json};
use wxbot_sim::{Act, ActError};

use super::{Caller, pass};
use crate::bot::{Step, simple};

fn code(action: &str, scene: Value, expire_seconds: Option<u64>) -> Value {
    let mut body = json!({ "action_name": action, "action_info": { "scene": scene } });
    if let Some(seconds) = expire_seconds {
        body["expire_seconds"] = seconds.into();
    }
    body
}

#[tokio::test(start_paused = true)]
async fn scanning_a_code_tells_the_bot_its_scene() {
    let (wechat, bot) = simple(&[Step::Body(Vec::new())]);
    let mut caller = Caller { wechat, token: String::new() };
    caller.token = caller.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let (by_text, by_id) = (json!({ "scene_str": "shop-42" }), json!({ "scene_id": 123 }));
    let text = caller.post("qrcode/create", code("QR_STR_SCENE", by_text, Some(60))).await;
    let id = caller.post("qrcode/create", code("QR_LIMIT_SCENE", by_id, None)).await;
    assert_eq!((&text["expire_seconds"], id.get("expire_seconds")), (&json!(60), None));
    assert!(text["url"].as_str().unwrap().starts_with("http"), "{text}");

    let ticket = |answer: &Value| answer["ticket"].as_str().unwrap().to_owned();
    let bob = caller.wechat.stranger("bob");
    bob.does(Act::scan(ticket(&text))).await.unwrap();
    bob.does(Act::scan(ticket(&id))).await.unwrap();
    let told = bot.messages();
    let field = |index: usize, name: &str| told[index].child_text(name).unwrap().to_owned();
    assert_eq!([field(0, "Event"), field(0, "EventKey")], ["subscribe", "qrscene_shop-42"]);
    assert_eq!([field(1, "Event"), field(1, "EventKey")], ["SCAN", "123"]);
    assert_eq!(field(1, "Ticket"), ticket(&id));

    pass(60).await;
    let expired = bob.does(Act::scan(ticket(&text))).await;
    assert_eq!(expired, Err(ActError::NoSuchCode(ticket(&text))));
    assert!(bob.does(Act::scan(ticket(&id))).await.is_ok(), "a permanent one");
}

#[tokio::test(start_paused = true)]
async fn a_scene_has_limits() {
    let caller = Caller::new().await;
    let id = |id: u64| json!({ "scene_id": id });
    let text = |text: &str| json!({ "scene_str": text });
    let rows = [
        (code("QR_SCENE", id(0), None), 40035, "zero"),
        (code("QR_SCENE", id(u64::from(u32::MAX)), None), 0, "32 bits"),
        (code("QR_SCENE", id(1 << 32), None), 40035, "33 bits"),
        (code("QR_LIMIT_SCENE", id(100_000), None), 0, "the last permanent one"),
        (code("QR_LIMIT_SCENE", id(100_001), None), 40035, "one too many"),
        (code("QR_STR_SCENE", text(&"字".repeat(64)), None), 0, "64 characters"),
        (code("QR_STR_SCENE", text(&"字".repeat(65)), None), 40035, "65 characters"),
        (code("QR_LIMIT_STR_SCENE", text(""), None), 40035, "nothing"),
        (code("QR_STR_SCENE", text("a"), Some(2_592_000)), 0, "30 days"),
        (code("QR_STR_SCENE", text("a"), Some(2_592_001)), 40035, "longer"),
        (code("QR_DANCE", text("a"), None), 40035, "no such action"),
    ];
    for (body, errcode, reason) in rows {
        assert_eq!(caller.code("qrcode/create", body).await, errcode, "{reason}");
    }
}
