//! Parametric QR codes (section 7.9).

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::{number, text};
use crate::errcode::ApiError;
use crate::world::qr_codes::QrCode;

/// 30 days, in seconds.
const MAX_LIFETIME: u64 = 2_592_000;
/// The lifetime of a temporary code that asks for none, in seconds.
const DEFAULT_LIFETIME: u64 = 30;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let scene = &body["action_info"]["scene"];
    let (scene, permanent) = match text(&body, "action_name").unwrap_or_default() {
        "QR_SCENE" => (scene_id(scene, u64::from(u32::MAX))?, false),
        "QR_STR_SCENE" => (scene_string(scene)?, false),
        "QR_LIMIT_SCENE" => (scene_id(scene, 100_000)?, true),
        "QR_LIMIT_STR_SCENE" => (scene_string(scene)?, true),
        _ => return Err(ApiError::code(40035)),
    };
    let lifetime = match number(&body, "expire_seconds") {
        _ if permanent => None,
        None => Some(DEFAULT_LIFETIME),
        Some(seconds) if (1..=MAX_LIFETIME).contains(&seconds) => Some(seconds),
        Some(_) => return Err(ApiError::code(40035)),
    };
    let ticket = format!("gQ{}+/==", call.world.random_text(80));
    let url = format!("http://weixin.qq.com/q/{}", call.world.random_text(22));
    let expires = lifetime.map(|seconds| call.now + seconds * 1000);
    call.world.qr_codes.insert(ticket.clone(), QrCode { scene, expires }, call.now)?;
    let mut answer = json!({ "ticket": ticket, "url": url });
    if let Some(seconds) = lifetime {
        answer["expire_seconds"] = seconds.into();
    }
    Ok(Answer::Data(answer))
}

fn scene_id(scene: &Value, max: u64) -> Result<String, ApiError> {
    let id = scene["scene_id"].as_u64().filter(|id| (1..=max).contains(id));
    id.map(|id| id.to_string()).ok_or(ApiError::code(40035))
}

fn scene_string(scene: &Value) -> Result<String, ApiError> {
    let text = text(scene, "scene_str").filter(|text| text.chars().count() <= 64);
    text.map(str::to_owned).ok_or(ApiError::code(40035))
}
