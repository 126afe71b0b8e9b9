//! Tags, and the followers that have them (section 7.8).

use serde_json::json;

use super::call::{Answer, Call};
use super::json::{number, text};
use super::users;
use crate::errcode::ApiError;

const MAX_TAGS_PER_FOLLOWER: usize = 20;
/// Openids in one call.
const MAX_BATCH: usize = 50;

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let name = text(&body["tag"], "name");
    let id = call.world.tags.create(name)?;
    Ok(Answer::Data(json!({ "tag": { "id": id, "name": name } })))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let count = |id: u64| {
        let followers = call.world.followers.values();
        followers.filter(|state| state.follows && state.tags.contains(&id)).count()
    };
    let tags = call.world.tags.iter();
    let tags: Vec<_> =
        tags.map(|(id, name)| json!({ "id": id, "name": name, "count": count(id) })).collect();
    Ok(Answer::Data(json!({ "tags": tags })))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let tag = &body["tag"];
    call.world.tags.rename(number(tag, "id"), text(tag, "name"))?;
    Ok(Answer::Done)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = call.world.tags.find(number(&body["tag"], "id"))?;
    call.world.tags.remove(id);
    call.world.followers.values_mut().for_each(|state| state.tags.retain(|tag| *tag != id));
    Ok(Answer::Done)
}

pub(super) fn members(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = call.world.tags.find(number(&body, "tagid"))?;
    let has = |tags: &[u64]| tags.contains(&id);
    let tagged = call.world.followers.iter().filter(|(_, state)| has(&state.tags));
    let tagged: Vec<&String> = tagged.map(|(openid, _)| openid).collect();
    Ok(Answer::Data(users::page(&tagged, text(&body, "next_openid").unwrap_or_default())))
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let (id, openids) = id_and_openids(call)?;
    for openid in &openids {
        let tags = &call.following(openid)?.tags;
        if tags.len() == MAX_TAGS_PER_FOLLOWER && !tags.contains(&id) {
            return Err(ApiError::code(45059));
        }
    }
    for openid in &openids {
        let tags = &mut call.following(openid)?.tags;
        tags.retain(|tag| *tag != id);
        tags.push(id);
    }
    Ok(Answer::Done)
}

pub(super) fn untag(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let (id, openids) = id_and_openids(call)?;
    for openid in &openids {
        call.following(openid)?.tags.retain(|tag| *tag != id);
    }
    Ok(Answer::Done)
}

pub(super) fn of_follower(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let openid = text(&body, "openid").ok_or(ApiError::code(41009))?;
    let tags = call.following(openid)?.tags.clone();
    Ok(Answer::Data(json!({ "tagid_list": tags })))
}

/// The tag and the followers that the body names.
fn id_and_openids(call: &mut Call<'_>) -> Result<(u64, Vec<String>), ApiError> {
    let body = call.json()?;
    let id = call.world.tags.find(number(&body, "tagid"))?;
    let list = body["openid_list"].as_array().filter(|list| (1..=MAX_BATCH).contains(&list.len()));
    let list = list.ok_or(ApiError::code(40035))?;
    let openids = list.iter().map(|one| one.as_str().map(str::to_owned));
    let openids = openids.collect::<Option<Vec<_>>>().ok_or(ApiError::code(40003))?;
    for openid in &openids {
        call.following(openid)?;
    }
    Ok((id, openids))
}
