//! Calls for web pages: the JS-SDK's ticket and logins (sections 7.12 and 7.13).

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::token::check_secret;
use crate::errcode::ApiError;
use crate::world::web_pages::{LIFETIME, Login};

pub(super) fn ticket(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    if call.query("type") != Some("jsapi") {
        return Err(ApiError::code(40035));
    }
    let ticket = call.world.random_text(86);
    call.world.web_pages.add_ticket(&ticket, call.now);
    let expires_in = LIFETIME / 1000;
    let answer =
        json!({ "errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": expires_in });
    Ok(Answer::Data(answer))
}

/// Whose code it is. The secret may come from anywhere: pages have no white list.
pub(super) fn login(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let credentials = ["appid", "secret"].map(|name| call.query(name));
    check_secret(call, credentials)?;
    if call.query("grant_type") != Some("authorization_code") {
        return Err(ApiError::code(40002));
    }
    let code = call.query("code").ok_or(ApiError::code(41008))?.to_owned();
    let login = call.world.web_pages.use_code(&code, call.now)?;
    let refresh_token = call.world.random_text(110);
    Ok(logged_in(call, &login, &refresh_token))
}

pub(super) fn refresh(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    if call.query("appid") != Some(&*call.account.app_id) {
        return Err(ApiError::code(40013));
    }
    let token = call.query("refresh_token").ok_or(ApiError::code(41003))?.to_owned();
    let login = call.world.web_pages.refresh(&token, call.now)?;
    Ok(logged_in(call, &login, &token))
}

pub(super) fn profile(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let login = login_of(call)?;
    if login.scope != "snsapi_userinfo" {
        return Err(ApiError::code(48001));
    }
    let openid = &login.openid;
    Ok(Answer::Data(json!({
        "openid": openid, "nickname": format!("visitor {}", &openid[..6]), "sex": 0,
        "language": "zh_CN", "city": "", "province": "", "country": "",
        "headimgurl": format!("https://thirdwx.qlogo.cn/mmopen/{openid}/132"), "privilege": [],
    })))
}

/// Whether the token is good.
pub(super) fn check(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    login_of(call).map(|_| Answer::Done)
}

fn login_of<'c>(call: &'c Call<'_>) -> Result<&'c Login, ApiError> {
    let token = call.query("access_token").ok_or(ApiError::code(41001))?;
    let login = call.world.web_pages.login(token, call.now)?;
    match call.query("openid") {
        Some(openid) if openid == login.openid => Ok(login),
        _ => Err(ApiError::code(40003)),
    }
}

fn logged_in(call: &mut Call<'_>, login: &Login, refresh_token: &str) -> Answer {
    let access_token = call.world.random_text(110);
    call.world.web_pages.add_login(&access_token, refresh_token, login, call.now);
    let answer: Value = json!({
        "access_token": access_token, "expires_in": LIFETIME / 1000,
        "refresh_token": refresh_token, "openid": login.openid, "scope": login.scope,
    });
    Answer::Data(answer)
}
