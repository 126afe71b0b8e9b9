//! Access tokens (section 7.1).

use serde_json::json;

use super::call::{Answer, Call};
use super::json::text;
use crate::errcode::ApiError;
use crate::world::tokens::AccessToken;

pub(super) fn plain(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    check_ip(call)?;
    check_secret(call, ["appid", "secret"].map(|name| call.query(name)))?;
    check_grant(call.query("grant_type"))?;
    let value = call.world.random_text(136);
    Ok(issued(call.world.tokens.plain(value, call.now)))
}

pub(super) fn stable(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    check_ip(call)?;
    let body = call.json()?;
    check_secret(call, ["appid", "secret"].map(|name| text(&body, name)))?;
    check_grant(text(&body, "grant_type"))?;
    let value = call.world.random_text(136);
    let tokens = &mut call.world.tokens;
    Ok(issued(match body["force_refresh"] == true {
        true => tokens.refresh_stable(value, call.now)?,
        false => tokens.stable(value, call.now),
    }))
}

fn issued(AccessToken { value, expires_in }: AccessToken) -> Answer {
    Answer::Data(json!({ "access_token": value, "expires_in": expires_in }))
}

/// Refuses callers that a whitelist does not name.
fn check_ip(call: &Call<'_>) -> Result<(), ApiError> {
    match (&call.world.ip_whitelist, call.request.remote_ip) {
        (Some(allowed), Some(ip)) if !allowed.contains(&ip) => {
            Err(ApiError::with_text(40164, format!("invalid ip {ip}, not in whitelist")))
        }
        _ => Ok(()),
    }
}

fn check_grant(grant_type: Option<&str>) -> Result<(), ApiError> {
    match grant_type {
        Some("client_credential") => Ok(()),
        _ => Err(ApiError::code(40002)),
    }
}

/// Refuses callers without the account's app id and secret.
pub(super) fn check_secret(
    call: &Call<'_>,
    [app_id, secret]: [Option<&str>; 2],
) -> Result<(), ApiError> {
    let app_id = app_id.ok_or(ApiError::code(41002))?;
    let secret = secret.ok_or(ApiError::code(41004))?;
    if app_id != call.account.app_id {
        return Err(ApiError::code(40013));
    }
    if secret != call.account.app_secret {
        return Err(ApiError::code(40125));
    }
    Ok(())
}
