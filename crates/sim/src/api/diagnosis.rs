//! Quotas and addresses (sections 7.15 and 7.16).

use serde_json::json;

use super::Refused;
use super::call::{Answer, Call, text};
use super::calls::Entry;

pub(super) fn quota(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let path = text(&body, "cgi_path").ok_or(Refused::code(40035))?;
    let entry = Entry::of(path).ok_or(Refused::code(76022))?;
    let (used, limit) = call.world.quotas.of(entry, call.now);
    Ok(Answer::Data(json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": { "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used) },
        "rate_limit": { "call_count": 10_000, "refresh_second": 60 },
    })))
}

pub(super) fn clear_quota(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    if text(&body, "appid") != Some(&*call.account.app_id) {
        return Err(Refused::code(40013));
    }
    call.world.quotas.clear(call.now)?;
    Ok(Answer::Done)
}

/// Pushes of the simulation come from this machine.
pub(super) fn callback_ips(_: &mut Call<'_>) -> Result<Answer, Refused> {
    Ok(Answer::Data(json!({ "ip_list": ["127.0.0.1", "203.0.113.0/25"] })))
}

pub(super) fn api_ips(_: &mut Call<'_>) -> Result<Answer, Refused> {
    Ok(Answer::Data(json!({ "ip_list": ["127.0.0.1", "203.0.113.200"] })))
}

pub(super) fn check_callback(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let action = text(&body, "action").unwrap_or_default();
    if !["all", "dns", "ping"].contains(&action) {
        return Err(Refused::code(40202));
    }
    let operator = text(&body, "check_operator").unwrap_or_default();
    if !["DEFAULT", "CHINANET", "UNICOM", "CAP"].contains(&operator) {
        return Err(Refused::code(40203));
    }
    if call.world.endpoint.is_none() {
        return Err(Refused::code(40201));
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
