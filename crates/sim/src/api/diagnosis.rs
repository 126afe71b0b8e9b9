//! Resetting quotas, WeChat's addresses, and the check of the bot's (sections 7.15 and 7.16).

use serde_json::json;

use super::call::{Answer, Call};
use super::json::text;
use crate::errcode::ApiError;

pub(super) fn clear_quota(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    if text(&body, "appid") != Some(&*call.account.app_id) {
        return Err(ApiError::code(40013));
    }
    call.world.quotas.clear(call.now)?;
    Ok(Answer::Done)
}

/// The simulation pushes from this machine.
pub(super) fn callback_ips(_: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::Data(json!({ "ip_list": ["127.0.0.1", "203.0.113.0/25"] })))
}

pub(super) fn api_ips(_: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::Data(json!({ "ip_list": ["127.0.0.1", "203.0.113.200"] })))
}

pub(super) fn check_callback(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let action = text(&body, "action").unwrap_or_default();
    if !["all", "dns", "ping"].contains(&action) {
        return Err(ApiError::code(40202));
    }
    let operator = text(&body, "check_operator").unwrap_or_default();
    if !["DEFAULT", "CHINANET", "UNICOM", "CAP"].contains(&operator) {
        return Err(ApiError::code(40203));
    }
    if call.world.endpoint.is_none() {
        return Err(ApiError::code(40201));
    }
    let dns = json!([{ "ip": "127.0.0.1", "real_operator": operator }]);
    let ping = json!([{
        "ip": "127.0.0.1", "from_operator": operator, "package_loss": "0%", "time": "1.000ms",
    }]);
    Ok(Answer::Data(match action {
        "dns" => json!({ "dns": dns }),
        "ping" => json!({ "ping": ping }),
        _ => json!({ "dns": dns, "ping": ping }),
    }))
}
