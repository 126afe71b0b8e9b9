//! Humans of customer service (section 7.11).

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::text;
use crate::errcode::ApiError;

/// Who is online, on the web.
pub(super) fn online(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let human = |(place, account): (usize, &String)| json!({ "kf_account": account, "status": 1, "kf_id": 1001 + place, "accepted_case": 0 });
    let online: Vec<Value> = call.world.online_kf.iter().enumerate().map(human).collect();
    Ok(Answer::Data(json!({ "kf_online_list": online })))
}

/// Sessions themselves are not simulated: each that is closed was there.
pub(super) fn close_session(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    text(&body, "openid").ok_or(ApiError::code(40003))?;
    let kf_account = text(&body, "kf_account").ok_or(ApiError::code(61451))?;
    match call.world.online_kf.iter().any(|online| online == kf_account) {
        true => Ok(Answer::Done),
        false => Err(ApiError::code(61452)),
    }
}
