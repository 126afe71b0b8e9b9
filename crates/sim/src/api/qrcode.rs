//! Parametric QR codes (section 7.9).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Refused;
use super::call::{Answer, Call, number, text};

/// 30 days, in seconds.
const LONGEST: u64 = 2_592_000;
/// What a temporary code gets that asks for nothing, in seconds.
const SHORT: u64 = 30;
/// Permanent codes in all.
const PERMANENT: usize = 100_000;
const KEPT: usize = 200_000;

/// Codes by ticket.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    codes: BTreeMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    scene: String,
    /// Unix milliseconds; a permanent one has none.
    expires: Option<u64>,
}

impl Codes {
    /// The scene of a code that has not expired.
    pub(crate) fn scene(&self, ticket: &str, now: u64) -> Option<&str> {
        let code = self.codes.get(ticket)?;
        code.expires.is_none_or(|expires| now < expires).then_some(&*code.scene)
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let scene = &body["action_info"]["scene"];
    let (scene, permanent) = match text(&body, "action_name").unwrap_or_default() {
        "QR_SCENE" => (id(scene, u64::from(u32::MAX))?, false),
        "QR_STR_SCENE" => (string(scene)?, false),
        "QR_LIMIT_SCENE" => (id(scene, 100_000)?, true),
        "QR_LIMIT_STR_SCENE" => (string(scene)?, true),
        _ => return Err(Refused::code(40035)),
    };
    let lasts = match number(&body, "expire_seconds") {
        _ if permanent => None,
        None => Some(SHORT),
        Some(seconds) if (1..=LONGEST).contains(&seconds) => Some(seconds),
        Some(_) => return Err(Refused::code(40035)),
    };
    let ticket = format!("gQ{}+/==", call.world.random_text(80));
    let url = format!("http://weixin.qq.com/q/{}", call.world.random_text(22));
    let expires = lasts.map(|seconds| call.now + seconds * 1000);
    call.world.codes.add(ticket.clone(), Code { scene, expires }, call.now)?;
    let mut answer = json!({ "ticket": ticket, "url": url });
    if let Some(seconds) = lasts {
        answer["expire_seconds"] = seconds.into();
    }
    Ok(Answer::Data(answer))
}

impl Codes {
    fn add(&mut self, ticket: String, code: Code, now: u64) -> Result<(), Refused> {
        if self.codes.len() >= KEPT {
            self.codes.retain(|_, code| code.expires.is_none_or(|expires| now < expires));
        }
        let permanent = self.codes.values().filter(|code| code.expires.is_none()).count();
        if code.expires.is_none() && permanent >= PERMANENT {
            return Err(Refused::code(45009));
        }
        self.codes.insert(ticket, code);
        Ok(())
    }
}

fn id(scene: &Value, largest: u64) -> Result<String, Refused> {
    let id = scene["scene_id"].as_u64().filter(|id| (1..=largest).contains(id));
    id.map(|id| id.to_string()).ok_or(Refused::code(40035))
}

fn string(scene: &Value) -> Result<String, Refused> {
    let text = text(scene, "scene_str").filter(|text| text.chars().count() <= 64);
    text.map(str::to_owned).ok_or(Refused::code(40035))
}
