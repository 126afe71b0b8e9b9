//! Drafts and their publication (section 7.14).

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::{number, text};
use crate::errcode::ApiError;
use crate::push::ScheduledEvent;
use crate::world::drafts::Publication;

/// Who is told to have published.
const ADMIN: &str = "oADMIN_0000000000000000000001";
const MAX_CONTENT_CHARACTERS: usize = 20_000;
const MAX_CONTENT_BYTES: usize = 1 << 20;

pub(super) fn add(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let articles = body["articles"].as_array().filter(|articles| !articles.is_empty());
    let articles = articles.ok_or(ApiError::code(44003))?.clone();
    articles.iter().try_for_each(|article| check(call, article))?;
    let media_id = call.world.random_text(64);
    call.world.drafts.drafts.insert(media_id.clone(), articles);
    Ok(Answer::Data(json!({ "media_id": media_id })))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let articles = draft(call, &call.json()?)?.clone();
    Ok(Answer::Data(json!({ "news_item": articles })))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    check(call, &body["articles"])?;
    let index = number(&body, "index").ok_or(ApiError::code(40035))?;
    let place = draft(call, &body)?.get_mut(index as usize);
    *place.ok_or(ApiError::code(40035))? = body["articles"].clone();
    Ok(Answer::Done)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    draft(call, &body)?;
    call.world.drafts.drafts.remove(text(&body, "media_id").unwrap_or_default());
    Ok(Answer::Done)
}

pub(super) fn count(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(Answer::Data(json!({ "total_count": call.world.drafts.drafts.len() })))
}

pub(super) fn publish(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let articles = draft(call, &call.json()?)?.clone();
    let article_id = call.world.random_text(43);
    let drafts = &mut call.world.drafts;
    let id = 2_247_500_001 + drafts.publications.len() as u64;
    let published = Publication { id, article_id, articles, status: drafts.next_status };
    drafts.publications.insert(id, published.clone());
    if published.status == 0 {
        call.world.articles.insert(published.article_id.clone());
    }
    call.events.push(ScheduledEvent { openid: ADMIN.to_owned(), content: published.event() });
    let publish_id = id.to_string();
    Ok(Answer::Data(json!({
        "errcode": 0, "errmsg": "ok", "publish_id": publish_id, "msg_data_id": publish_id,
    })))
}

pub(super) fn publication(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = number(&call.json()?, "publish_id").ok_or(ApiError::code(53502))?;
    let publication = call.world.drafts.publications.get(&id).ok_or(ApiError::code(53502))?;
    Ok(Answer::Data(publication.answer()))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let items = call.world.drafts.drafts.iter();
    let items = items.map(|(media_id, articles)| (json!({ "media_id": media_id }), articles));
    page(&body, items.collect())
}

pub(super) fn published(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let items = call.world.drafts.publications.values().filter(|one| one.status == 0);
    let items = items.map(|one| (json!({ "article_id": one.article_id }), &one.articles));
    page(&body, items.collect())
}

pub(super) fn article(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = text(&body, "article_id").unwrap_or_default();
    let mut publications = call.world.drafts.publications.values();
    let found = publications.find(|one| one.article_id == id && one.status == 0);
    let articles = &found.ok_or(ApiError::code(53600))?.articles;
    Ok(Answer::Data(json!({ "news_item": articles })))
}

/// A part of a list, whose articles may be without their content.
fn page(body: &Value, all: Vec<(Value, &Vec<Value>)>) -> Result<Answer, ApiError> {
    let offset = number(body, "offset").ok_or(ApiError::code(40035))?;
    let count = number(body, "count").filter(|count| (1..=20).contains(count));
    let count = count.ok_or(ApiError::code(40035))?;
    let total = all.len();
    let page = all.into_iter().skip(offset as usize).take(count as usize);
    let items = page.map(|(mut item, articles)| {
        let mut articles = articles.clone();
        if number(body, "no_content") == Some(1) {
            articles.iter_mut().for_each(|article| article["content"] = "".into());
        }
        item["content"] = json!({ "news_item": articles });
        item
    });
    let items: Vec<_> = items.collect();
    let count = items.len();
    Ok(Answer::Data(json!({ "total_count": total, "item_count": count, "item": items })))
}

pub(super) fn unpublish(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = text(&body, "article_id").unwrap_or_default();
    let was_there = call.world.articles.remove(id);
    let mut publications = call.world.drafts.publications.values_mut();
    if let Some(publication) = publications.find(|publication| publication.article_id == id) {
        publication.status = 5;
    }
    if was_there { Ok(Answer::Done) } else { Err(ApiError::code(53600)) }
}

/// The articles of the draft that the body names.
fn draft<'c>(call: &'c mut Call<'_>, body: &Value) -> Result<&'c mut Vec<Value>, ApiError> {
    let media_id = text(body, "media_id").ok_or(ApiError::code(41006))?;
    call.world.drafts.drafts.get_mut(media_id).ok_or(ApiError::code(40007))
}

/// Whether an article may be in a draft.
fn check(call: &Call<'_>, article: &Value) -> Result<(), ApiError> {
    text(article, "title").ok_or(ApiError::code(45003))?;
    let content = text(article, "content").ok_or(ApiError::code(44004))?;
    if content.chars().count() >= MAX_CONTENT_CHARACTERS || content.len() >= MAX_CONTENT_BYTES {
        return Err(ApiError::code(45002));
    }
    let cover = text(article, "thumb_media_id").ok_or(ApiError::code(40007))?;
    match call.world.media.find(cover, call.now) {
        Some(file) if file.is_permanent() && file.fits("thumb") => Ok(()),
        _ => Err(ApiError::code(40007)),
    }
}
