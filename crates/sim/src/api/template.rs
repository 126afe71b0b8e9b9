//! Template messages and subscription notices, and the events about their delivery (sections 7.4,
//! 7.5, 4.4 and 4.5).

use rand::RngExt;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::{number, text};
use crate::bubble::Bubble;
use crate::content::PushContent;
use crate::errcode::ApiError;
use crate::push::ScheduledEvent;

/// Characters of a `client_msg_id`.
const MAX_CLIENT_ID: usize = 32;
/// How long a `client_msg_id` is remembered.
const CLIENT_ID_LASTS: u64 = 600_000;
/// Characters of a `thing`.
const MAX_THING: usize = 20;

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let all = call.world.templates.iter();
    let all = all.map(|(id, title)| {
        json!({
            "template_id": id, "title": title, "primary_industry": "", "deputy_industry": "",
            "content": "", "example": "",
        })
    });
    Ok(Answer::Data(json!({ "template_list": all.collect::<Vec<_>>() })))
}

/// The template of this short id, which the simulated library has whatever it is.
pub(super) fn add(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let short_id = text(&body, "template_id_short").ok_or(ApiError::code(40036))?;
    let names_fields = body["keyword_name_list"].as_array().is_some_and(|list| !list.is_empty());
    if body["keyword_name_list"] != Value::Null && !names_fields {
        return Err(ApiError::code(40035));
    }
    let id = format!("TPL_{short_id}_{}", call.world.templates.len() + 1);
    call.world.templates.insert(id.clone(), short_id.to_owned());
    Ok(Answer::Data(json!({ "errcode": 0, "errmsg": "ok", "template_id": id })))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = text(&body, "template_id").ok_or(ApiError::code(40036))?;
    call.world.templates.remove(id).ok_or(ApiError::code(40037))?;
    Ok(Answer::Done)
}

pub(super) fn set_industries(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let ids = number(&body, "industry_id1").zip(number(&body, "industry_id2"));
    call.world.industries = Some(ids.ok_or(ApiError::code(40035))?);
    Ok(Answer::Done)
}

/// WeChat's list of industries is not simulated: they are called by their numbers.
pub(super) fn industries(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let (first, second) = call.world.industries.unwrap_or((1, 2));
    let industry = |id| json!({ "first_class": format!("行业{id}"), "second_class": "" });
    Ok(Answer::Data(json!({
        "primary_industry": industry(first), "secondary_industry": industry(second),
    })))
}

pub(super) fn send(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let (openid, bubble) = notification(call, &body, "url")?;
    let (now, msg_id) = (call.now, msg_id(call));
    let follower = call.following(&openid)?;
    if let Some(id) = text(&body, "client_msg_id") {
        if id.chars().count() > MAX_CLIENT_ID {
            return Err(ApiError::code(40035));
        }
        follower.client_msg_ids.retain(|_, (_, at)| now < *at + CLIENT_ID_LASTS);
        if let Some((msg_id, _)) = follower.client_msg_ids.get(id) {
            return Ok(sent_as(*msg_id));
        }
        follower.client_msg_ids.insert(id.to_owned(), (msg_id, now));
    }
    let status = if follower.blocks_templates { "failed:user block" } else { "success" };
    if status == "success" {
        follower.receive(bubble, now);
    }
    let content = PushContent::template_sent(msg_id, status);
    call.events.push(ScheduledEvent { openid, content });
    Ok(sent_as(msg_id))
}

pub(super) fn notify(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let (openid, bubble) = notification(call, &body, "page")?;
    let template_id = text(&body, "template_id").unwrap_or_default();
    let (now, msg_id, format) = (call.now, msg_id(call), call.account.format);
    let follower = call.following(&openid)?;
    let left = follower.subscriptions.get_mut(template_id).filter(|left| **left > 0);
    *left.ok_or(ApiError::code(43101))? -= 1;
    follower.receive(bubble, now);
    let content = PushContent::notice_sent(template_id, msg_id, format);
    call.events.push(ScheduledEvent { openid, content });
    Ok(Answer::Done)
}

fn sent_as(msg_id: u64) -> Answer {
    Answer::Data(json!({ "errcode": 0, "errmsg": "ok", "msgid": msg_id }))
}

/// The receiver, and what they see.
fn notification(
    call: &mut Call<'_>,
    body: &Value,
    url: &str,
) -> Result<(String, Bubble), ApiError> {
    let openid = text(body, "touser").ok_or(ApiError::code(41009))?.to_owned();
    call.following(&openid)?;
    let template_id = text(body, "template_id").ok_or(ApiError::code(40036))?.to_owned();
    let (templates, notices) = (&call.world.templates, &call.world.notice_templates);
    if !templates.contains_key(&template_id) && !notices.contains_key(&template_id) {
        return Err(ApiError::code(40037));
    }
    let data = body["data"].as_object().ok_or(ApiError::code(47003))?;
    let fields = data.iter().map(|(name, field)| match text(field, "value") {
        Some(value) if is_valid(name, value) => Ok((name.clone(), value.to_owned())),
        _ => {
            Err(ApiError::with_text(47003, format!("argument invalid! data.{name}.value invalid")))
        }
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let url = text(body, url).map(str::to_owned);
    Ok((openid, Bubble::Notification { template_id, fields, url }))
}

fn msg_id(call: &mut Call<'_>) -> u64 {
    call.world.rng.random_range(1 << 61..1 << 62)
}

/// Whether a value suits its field, as far as the name tells.
fn is_valid(name: &str, value: &str) -> bool {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let characters = value.chars().count();
    match prefix {
        "thing" => characters <= MAX_THING,
        "number" => characters <= 32 && value.parse::<f64>().is_ok(),
        "symbol" | "phrase" => characters <= 5,
        "character_string" => characters <= 32,
        _ => true,
    }
}
