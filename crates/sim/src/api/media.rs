//! Files by media id: temporary ones for three days, and permanent material (section 7.7).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Refused;
use super::call::{Answer, Call, number, text};
use super::multipart::{self, Part};

/// Three days.
const TEMPORARY: u64 = 3 * 86_400_000;
const KB: usize = 1024;
const MB: usize = 1024 * KB;
/// Temporary files are many: the oldest are forgotten.
const KEPT: usize = 10_000;

/// Type, what a file of it may be, how large, and the code for too large.
const TEMPORARY_TYPES: &[Type] = &[
    Type::new("image", &["png", "jpeg", "jpg", "gif"], 10 * MB, 40009),
    Type::new("voice", &["amr", "mp3"], 2 * MB, 40010),
    Type::new("video", &["mp4"], 10 * MB, 40011),
    Type::new("thumb", &["jpg", "jpeg"], 64 * KB, 40012),
];
const PERMANENT_TYPES: &[Type] = &[
    Type::new("image", &["bmp", "png", "jpeg", "jpg", "gif"], 10 * MB, 40009),
    Type::new("voice", &["mp3", "wma", "wav", "amr"], 2 * MB, 40010),
    Type::new("video", &["mp4"], 10 * MB, 40011),
    Type::new("thumb", &["jpg", "jpeg"], 64 * KB, 40012),
];

struct Type {
    name: &'static str,
    endings: &'static [&'static str],
    largest: usize,
    too_large: i64,
}

impl Type {
    const fn new(
        name: &'static str,
        endings: &'static [&'static str],
        largest: usize,
        too_large: i64,
    ) -> Self {
        Self { name, endings, largest, too_large }
    }
}

/// All files.
#[derive(Debug, Default)]
pub(crate) struct Media {
    files: BTreeMap<String, File>,
    count: u64,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    kind: String,
    name: String,
    bytes: Vec<u8>,
    /// Rises with each file.
    number: u64,
    /// Unix milliseconds.
    created: u64,
    /// Unix milliseconds; permanent material has none.
    expires: Option<u64>,
    /// Of a permanent video.
    title: String,
    /// Of a permanent video.
    introduction: String,
}

impl File {
    fn new(kind: &str, name: &str, bytes: Vec<u8>, created: u64) -> Self {
        let (kind, name) = (kind.to_owned(), name.to_owned());
        let (title, introduction) = Default::default();
        Self { kind, name, bytes, number: 0, created, expires: None, title, introduction }
    }

    /// Any picture may be a thumb.
    pub(super) fn fits(&self, kind: &str) -> bool {
        self.kind == kind || (self.kind == "image" && kind == "thumb")
    }

    fn is_permanent(&self) -> bool {
        self.expires.is_none()
    }
}

impl Media {
    /// A file that a follower sent.
    pub(crate) fn receive(&mut self, media_id: &str, kind: &str, now: u64) {
        let file = File::new(kind, media_id, b"from the phone".to_vec(), now);
        self.keep(media_id, File { expires: Some(now + TEMPORARY), ..file });
    }

    /// A file that is there and has not expired.
    pub(super) fn find(&self, media_id: &str, now: u64) -> Option<&File> {
        let file = self.files.get(media_id)?;
        file.expires.is_none_or(|expires| now < expires).then_some(file)
    }

    /// Permanent material of a type, or of all; the newest first.
    fn permanent(&self, kind: Option<&str>) -> Vec<(&String, &File)> {
        let files = self.files.iter().filter(|(_, file)| file.is_permanent());
        let mut files: Vec<_> =
            files.filter(|(_, file)| kind.is_none_or(|kind| file.kind == kind)).collect();
        files.sort_by_key(|(_, file)| std::cmp::Reverse(file.number));
        files
    }

    fn keep(&mut self, media_id: &str, mut file: File) {
        self.count += 1;
        file.number = self.count;
        self.files.insert(media_id.to_owned(), file);
        if self.files.len() > KEPT {
            let temporary = self.files.iter().filter(|(_, file)| !file.is_permanent());
            let oldest = temporary.min_by_key(|(_, file)| file.number);
            let oldest = oldest.map(|(media_id, _)| media_id.clone());
            oldest.map(|media_id| self.files.remove(&media_id));
        }
    }
}

pub(super) fn upload(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let file = call.uploaded(TEMPORARY_TYPES)?;
    let (kind, created) = (file.kind.clone(), call.now);
    let media_id = call.keep(File { expires: Some(created + TEMPORARY), ..file });
    let name = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
    Ok(Answer::Data(json!({ "type": kind, name: media_id, "created_at": created / 1000 })))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let media_id = call.query("media_id").ok_or(Refused::code(41006))?;
    let file = call.world.media.find(media_id, call.now).ok_or(Refused::code(40007))?;
    if file.kind == "video" {
        let video_url = format!("http://203.0.113.1/{media_id}.mp4");
        return Ok(Answer::Data(json!({ "video_url": video_url })));
    }
    Ok(download(file))
}

/// A picture for the body of an article.
pub(super) fn upload_image(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let part = call.part("media").ok_or(Refused::code(41005))?;
    if !has_ending(&part, &["jpg", "jpeg", "png"]) {
        return Err(Refused::code(40005));
    }
    if part.bytes.len() >= MB {
        return Err(Refused::code(40009));
    }
    Ok(Answer::Data(json!({ "url": call.picture_url() })))
}

pub(super) fn add_material(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let mut file = call.uploaded(PERMANENT_TYPES)?;
    if file.kind == "video" {
        let description = call.part("description").ok_or(Refused::code(47001))?;
        let description: Value =
            serde_json::from_slice(&description.bytes).map_err(|_| Refused::code(47001))?;
        file.title = text(&description, "title").ok_or(Refused::code(40035))?.to_owned();
        file.introduction = text(&description, "introduction").unwrap_or_default().to_owned();
    }
    let is_picture = ["image", "thumb"].contains(&&*file.kind);
    let mut answer = json!({ "media_id": call.keep(file) });
    if is_picture {
        answer["url"] = call.picture_url().into();
    }
    Ok(Answer::Data(answer))
}

pub(super) fn get_material(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let media_id = call.material()?;
    let file = &call.world.media.files[&media_id];
    if file.kind == "video" {
        let down_url = format!("http://203.0.113.1/{media_id}.mp4");
        let (title, description) = (&file.title, &file.introduction);
        let answer = json!({ "title": title, "description": description, "down_url": down_url });
        return Ok(Answer::Data(answer));
    }
    Ok(download(file))
}

pub(super) fn delete_material(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let media_id = call.material()?;
    call.world.media.files.remove(&media_id);
    Ok(Answer::Done)
}

pub(super) fn count_material(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let count = |kind: &str| call.world.media.permanent(Some(kind)).len();
    let (voice, video, image) = (count("voice"), count("video"), count("image"));
    Ok(Answer::Data(json!({
        "voice_count": voice, "video_count": video, "image_count": image, "news_count": 0,
    })))
}

pub(super) fn list_material(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let kind = text(&body, "type").ok_or(Refused::code(40004))?;
    if !["image", "voice", "video", "news"].contains(&kind) {
        return Err(Refused::code(40004));
    }
    let offset = number(&body, "offset").ok_or(Refused::code(40035))?;
    let count = number(&body, "count").filter(|count| (1..=20).contains(count));
    let count = count.ok_or(Refused::code(40035))?;
    let all = call.world.media.permanent(Some(kind));
    let page = all.iter().skip(offset as usize).take(count as usize);
    let item: Vec<_> = page
        .map(|(media_id, file)| {
            json!({ "media_id": media_id, "name": file.name, "update_time": file.created / 1000 })
        })
        .collect();
    let (total, count) = (all.len(), item.len());
    Ok(Answer::Data(json!({ "total_count": total, "item_count": count, "item": item })))
}

impl Call<'_> {
    /// The file of an upload, of one of these types.
    fn uploaded(&self, types: &[Type]) -> Result<File, Refused> {
        let name = self.query("type").ok_or(Refused::code(40004))?;
        let kind = types.iter().find(|kind| kind.name == name).ok_or(Refused::code(40004))?;
        let part = self.part("media").ok_or(Refused::code(41005))?;
        let file_name = part.file_name.clone().ok_or(Refused::code(41005))?;
        if part.bytes.is_empty() {
            return Err(Refused::code(44001));
        }
        if !has_ending(&part, kind.endings) {
            return Err(Refused::code(40005));
        }
        if part.bytes.len() > kind.largest {
            return Err(Refused::code(kind.too_large));
        }
        Ok(File::new(kind.name, &file_name, part.bytes, self.now))
    }

    fn part(&self, name: &str) -> Option<Part> {
        let content_type = self.request.content_type.as_deref().unwrap_or_default();
        let parts = multipart::read(content_type, &self.request.body);
        parts.into_iter().find(|part| part.name == name)
    }

    fn keep(&mut self, file: File) -> String {
        let media_id = self.world.random_text(64);
        self.world.media.keep(&media_id, file);
        media_id
    }

    /// The permanent material that the body names.
    fn material(&self) -> Result<String, Refused> {
        let body = self.json()?;
        let media_id = text(&body, "media_id").ok_or(Refused::code(41006))?;
        match self.world.media.find(media_id, self.now) {
            Some(file) if file.is_permanent() => Ok(media_id.to_owned()),
            _ => Err(Refused::code(40007)),
        }
    }

    fn picture_url(&mut self) -> String {
        format!("http://mmbiz.qpic.cn/mmbiz_jpg/{}/0", self.world.random_text(40))
    }
}

fn download(file: &File) -> Answer {
    let content_type = match file.kind.as_str() {
        "voice" => "audio/amr",
        _ => "image/jpeg",
    };
    Answer::File { bytes: file.bytes.clone(), name: file.name.clone(), content_type }
}

fn has_ending(part: &Part, endings: &[&str]) -> bool {
    let ending = part.file_name.as_deref().and_then(|name| name.rsplit_once('.'));
    let ending = ending.map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| endings.contains(&&*ending))
}
