//! Followers (section 7.8).

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::text;
use crate::errcode::ApiError;

/// Openids in one answer of `user/get`.
const PAGE_SIZE: usize = 10_000;
/// Openids in one `batchget`.
const MAX_BATCH: usize = 100;

pub(super) fn info(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let openid = call.query("openid").ok_or(ApiError::code(41009))?.to_owned();
    Ok(Answer::Data(info_of(call, &openid)?))
}

pub(super) fn infos(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let list = body["user_list"].as_array().filter(|list| (1..=MAX_BATCH).contains(&list.len()));
    let list = list.ok_or(ApiError::code(40035))?;
    let infos = list.iter().map(|one| {
        let openid = text(one, "openid").ok_or(ApiError::code(41009))?;
        info_of(call, openid)
    });
    let infos = infos.collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::Data(json!({ "user_info_list": infos })))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let next = call.query("next_openid").unwrap_or_default().to_owned();
    if !next.is_empty() {
        call.known(&next)?;
    }
    let following = call.world.followers.iter().filter(|(_, state)| state.follows);
    let all: Vec<&String> = following.map(|(openid, _)| openid).collect();
    Ok(Answer::Data(page(&all, &next)))
}

/// One page: the openids behind `next`.
pub(super) fn page(all: &[&String], next: &str) -> Value {
    let behind = all.iter().filter(|openid| openid.as_str() > next).take(PAGE_SIZE);
    let page: Vec<_> = behind.collect();
    let mut answer = json!({
        "total": all.len(),
        "count": page.len(),
        "next_openid": page.last().map_or("", |openid| openid.as_str()),
    });
    if !page.is_empty() {
        answer["data"] = json!({ "openid": page });
    }
    answer
}

pub(super) fn update_remark(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let openid = text(&body, "openid").ok_or(ApiError::code(41009))?;
    let remark = body["remark"].as_str().filter(|remark| remark.chars().count() < 30);
    let remark = remark.ok_or(ApiError::code(40035))?;
    remark.clone_into(&mut call.following(openid)?.remark);
    Ok(Answer::Done)
}

/// Since 2021 names and pictures are left out.
fn info_of(call: &mut Call<'_>, openid: &str) -> Result<Value, ApiError> {
    let state = call.known(openid)?;
    if !state.follows {
        return Ok(json!({ "subscribe": 0, "openid": openid }));
    }
    let (scene_id, scene_text) = match state.qr_scene.parse::<u32>() {
        Ok(id) => (id, ""),
        Err(_) => (0, &*state.qr_scene),
    };
    Ok(json!({
        "subscribe": 1,
        "openid": openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": state.subscribe_time,
        "remark": state.remark,
        "groupid": state.tags.first().copied().unwrap_or_default(),
        "tagid_list": state.tags,
        "subscribe_scene": state.subscribe_scene,
        "qr_scene": scene_id,
        "qr_scene_str": scene_text,
    }))
}
