//! Tags, and who has them (section 7.8).

use std::collections::BTreeMap;

use serde_json::json;

use super::Refused;
use super::call::{Answer, Call, number, text};
use super::users;

/// Tags of one's own.
const MOST: usize = 100;
const NAME_BYTES: usize = 30;
const A_FOLLOWER: usize = 20;
/// Openids in one call.
const BATCH: usize = 50;
/// Smaller ids are the system's.
const FIRST: u64 = 100;
const SYSTEM: u64 = 3;

/// Names by id.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    names: BTreeMap<u64, String>,
    count: u64,
}

impl Tags {
    /// Ids and names.
    pub(crate) fn all(&self) -> Vec<(u64, String)> {
        self.names.iter().map(|(id, name)| (*id, name.clone())).collect()
    }

    /// A name that nobody has.
    fn free(&self, name: Option<&str>) -> Result<String, Refused> {
        let name = name.ok_or(Refused::code(45157))?;
        if name.len() > NAME_BYTES {
            return Err(Refused::code(45158));
        }
        let taken = self.names.values().any(|taken| taken == name);
        if taken { Err(Refused::code(45157)) } else { Ok(name.to_owned()) }
    }

    /// One of one's own.
    fn own(&mut self, id: Option<u64>) -> Result<(u64, &mut String), Refused> {
        let id = id.ok_or(Refused::code(45159))?;
        if id < SYSTEM {
            return Err(Refused::code(45058));
        }
        let name = self.names.get_mut(&id).ok_or(Refused::code(45159))?;
        Ok((id, name))
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let tags = &mut call.world.tags;
    let name = tags.free(text(&body["tag"], "name"))?;
    if tags.names.len() == MOST {
        return Err(Refused::code(45056));
    }
    let id = FIRST + tags.count;
    tags.count += 1;
    tags.names.insert(id, name.clone());
    Ok(Answer::Data(json!({ "tag": { "id": id, "name": name } })))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let count = |id: u64| {
        let followers = call.world.followers.values();
        followers.filter(|state| state.follows && state.tags.contains(&id)).count()
    };
    let tags = call.world.tags.names.iter();
    let tags: Vec<_> =
        tags.map(|(id, name)| json!({ "id": id, "name": name, "count": count(*id) })).collect();
    Ok(Answer::Data(json!({ "tags": tags })))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let tags = &mut call.world.tags;
    let id = number(&body["tag"], "id");
    tags.own(id)?;
    let new = tags.free(text(&body["tag"], "name"))?;
    *tags.own(id)?.1 = new;
    Ok(Answer::Done)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let (id, _) = call.world.tags.own(number(&body["tag"], "id"))?;
    call.world.tags.names.remove(&id);
    call.world.followers.values_mut().for_each(|state| state.tags.retain(|tag| *tag != id));
    Ok(Answer::Done)
}

pub(super) fn members(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let (id, _) = call.world.tags.own(number(&body, "tagid"))?;
    let has = |tags: &[u64]| tags.contains(&id);
    let tagged = call.world.followers.iter().filter(|(_, state)| has(&state.tags));
    let tagged: Vec<&String> = tagged.map(|(openid, _)| openid).collect();
    Ok(Answer::Data(users::page(&tagged, text(&body, "next_openid").unwrap_or_default())))
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let (id, openids) = call.id_and_openids()?;
    for openid in &openids {
        let tags = &call.following(openid)?.tags;
        if tags.len() == A_FOLLOWER && !tags.contains(&id) {
            return Err(Refused::code(45059));
        }
    }
    for openid in &openids {
        let tags = &mut call.following(openid)?.tags;
        tags.retain(|tag| *tag != id);
        tags.push(id);
    }
    Ok(Answer::Done)
}

pub(super) fn untag(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let (id, openids) = call.id_and_openids()?;
    for openid in &openids {
        call.following(openid)?.tags.retain(|tag| *tag != id);
    }
    Ok(Answer::Done)
}

pub(super) fn of_follower(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let openid = text(&body, "openid").ok_or(Refused::code(41009))?;
    let tags = call.following(openid)?.tags.clone();
    Ok(Answer::Data(json!({ "tagid_list": tags })))
}

impl Call<'_> {
    fn id_and_openids(&mut self) -> Result<(u64, Vec<String>), Refused> {
        let body = self.json()?;
        let (id, _) = self.world.tags.own(number(&body, "tagid"))?;
        let list = body["openid_list"].as_array().filter(|list| (1..=BATCH).contains(&list.len()));
        let list = list.ok_or(Refused::code(40035))?;
        let openids = list.iter().map(|one| one.as_str().map(str::to_owned));
        let openids = openids.collect::<Option<Vec<_>>>().ok_or(Refused::code(40003))?;
        for openid in &openids {
            self.following(openid)?;
        }
        Ok((id, openids))
    }
}
