//! Temporary media and permanent material (section 7.7).

use bytes::Bytes;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::{number, text};
use super::multipart::{self, Part};
use crate::errcode::ApiError;
use crate::world::media::{MediaFile, TEMPORARY};

const KB: usize = 1024;
const MB: usize = 1024 * KB;

/// What a file of one type must be, and the code when it is too large.
struct MediaType {
    name: &'static str,
    extensions: &'static [&'static str],
    max_bytes: usize,
    too_large: i64,
}

const fn media_type(
    name: &'static str,
    extensions: &'static [&'static str],
    max_bytes: usize,
    too_large: i64,
) -> MediaType {
    MediaType { name, extensions, max_bytes, too_large }
}

const TEMPORARY_TYPES: &[MediaType] = &[
    media_type("image", &["png", "jpeg", "jpg", "gif"], 10 * MB, 40009),
    media_type("voice", &["amr", "mp3"], 2 * MB, 40010),
    media_type("video", &["mp4"], 10 * MB, 40011),
    media_type("thumb", &["jpg", "jpeg"], 64 * KB, 40012),
];
const PERMANENT_TYPES: &[MediaType] = &[
    media_type("image", &["bmp", "png", "jpeg", "jpg", "gif"], 10 * MB, 40009),
    media_type("voice", &["mp3", "wma", "wav", "amr"], 2 * MB, 40010),
    media_type("video", &["mp4"], 10 * MB, 40011),
    media_type("thumb", &["jpg", "jpeg"], 64 * KB, 40012),
];

pub(super) fn upload(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut file = uploaded(call, TEMPORARY_TYPES)?;
    file.expires = Some(call.now + TEMPORARY);
    let kind = file.kind.clone();
    let name = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
    let (media_id, created_at) = (store(call, file), call.now / 1000);
    Ok(Answer::Data(json!({ "type": kind, name: media_id, "created_at": created_at })))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let media_id = call.query("media_id").ok_or(ApiError::code(41006))?;
    let file = call.world.media.find(media_id, call.now).ok_or(ApiError::code(40007))?;
    if file.kind == "video" {
        let video_url = format!("http://203.0.113.1/{media_id}.mp4");
        return Ok(Answer::Data(json!({ "video_url": video_url })));
    }
    Ok(download(file))
}

/// Uploads a picture for the body of an article.
pub(super) fn upload_image(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let part = part(call, "media").ok_or(ApiError::code(41005))?;
    if !has_extension(&part, &["jpg", "jpeg", "png"]) {
        return Err(ApiError::code(40005));
    }
    if part.bytes.len() >= MB {
        return Err(ApiError::code(40009));
    }
    Ok(Answer::Data(json!({ "url": picture_url(call) })))
}

pub(super) fn add_material(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut file = uploaded(call, PERMANENT_TYPES)?;
    if file.kind == "video" {
        let description = part(call, "description").ok_or(ApiError::code(47001))?;
        let description: Value =
            serde_json::from_slice(description.bytes).map_err(|_| ApiError::code(47001))?;
        file.title = text(&description, "title").ok_or(ApiError::code(40035))?.to_owned();
        file.introduction = text(&description, "introduction").unwrap_or_default().to_owned();
    }
    let is_picture = ["image", "thumb"].contains(&&*file.kind);
    let mut answer = json!({ "media_id": store(call, file) });
    if is_picture {
        answer["url"] = picture_url(call).into();
    }
    Ok(Answer::Data(answer))
}

pub(super) fn get_material(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let media_id = material_id(call)?;
    let file = call.world.media.find(&media_id, call.now).ok_or(ApiError::code(40007))?;
    if file.kind == "video" {
        let down_url = format!("http://203.0.113.1/{media_id}.mp4");
        let (title, description) = (&file.title, &file.introduction);
        let answer = json!({ "title": title, "description": description, "down_url": down_url });
        return Ok(Answer::Data(answer));
    }
    Ok(download(file))
}

pub(super) fn delete_material(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let media_id = material_id(call)?;
    call.world.media.remove(&media_id);
    Ok(Answer::Done)
}

pub(super) fn count_material(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let count = |kind: &str| call.world.media.permanent(kind).len();
    let (voice, video, image) = (count("voice"), count("video"), count("image"));
    Ok(Answer::Data(json!({
        "voice_count": voice, "video_count": video, "image_count": image, "news_count": 0,
    })))
}

pub(super) fn list_material(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let kind = text(&body, "type").ok_or(ApiError::code(40004))?;
    if !["image", "voice", "video", "news"].contains(&kind) {
        return Err(ApiError::code(40004));
    }
    let offset = number(&body, "offset").ok_or(ApiError::code(40035))?;
    let count = number(&body, "count").filter(|count| (1..=20).contains(count));
    let count = count.ok_or(ApiError::code(40035))?;
    let all = call.world.media.permanent(kind);
    let page = all.iter().skip(offset as usize).take(count as usize);
    let item: Vec<_> = page
        .map(|(media_id, file)| {
            json!({ "media_id": media_id, "name": file.name, "update_time": file.created / 1000 })
        })
        .collect();
    let (total, count) = (all.len(), item.len());
    Ok(Answer::Data(json!({ "total_count": total, "item_count": count, "item": item })))
}

/// The uploaded file, of one of these types.
fn uploaded(call: &Call<'_>, types: &[MediaType]) -> Result<MediaFile, ApiError> {
    let name = call.query("type").ok_or(ApiError::code(40004))?;
    let kind = types.iter().find(|kind| kind.name == name).ok_or(ApiError::code(40004))?;
    let part = part(call, "media").ok_or(ApiError::code(41005))?;
    let file_name = part.file_name.clone().ok_or(ApiError::code(41005))?;
    if part.bytes.is_empty() {
        return Err(ApiError::code(44001));
    }
    if !has_extension(&part, kind.extensions) {
        return Err(ApiError::code(40005));
    }
    if part.bytes.len() > kind.max_bytes {
        return Err(ApiError::code(kind.too_large));
    }
    let bytes = Bytes::copy_from_slice(part.bytes);
    Ok(MediaFile::new(kind.name, &file_name, bytes, call.now))
}

fn part<'c>(call: &'c Call<'_>, name: &str) -> Option<Part<'c>> {
    let content_type = call.request.content_type.as_deref().unwrap_or_default();
    let parts = multipart::read(content_type, &call.request.body);
    parts.into_iter().find(|part| part.name == name)
}

fn store(call: &mut Call<'_>, file: MediaFile) -> String {
    let media_id = call.world.random_text(64);
    call.world.media.insert(&media_id, file);
    media_id
}

/// The media id of the permanent material that the body names.
fn material_id(call: &Call<'_>) -> Result<String, ApiError> {
    let body = call.json()?;
    let media_id = text(&body, "media_id").ok_or(ApiError::code(41006))?;
    match call.world.media.find(media_id, call.now) {
        Some(file) if file.is_permanent() => Ok(media_id.to_owned()),
        _ => Err(ApiError::code(40007)),
    }
}

fn picture_url(call: &mut Call<'_>) -> String {
    format!("http://mmbiz.qpic.cn/mmbiz_jpg/{}/0", call.world.random_text(40))
}

fn download(file: &MediaFile) -> Answer {
    let content_type = match file.kind.as_str() {
        "voice" => "audio/amr",
        _ => "image/jpeg",
    };
    Answer::File { bytes: file.bytes.clone(), name: file.name.clone(), content_type }
}

fn has_extension(part: &Part<'_>, extensions: &[&str]) -> bool {
    let extension = part.file_name.as_deref().and_then(|name| name.rsplit_once('.'));
    let extension = extension.map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| extensions.contains(&&*extension))
}
