//! Permanent material: files that stay until they are deleted (protocol section 7.7).

use serde::Deserialize;
use serde_json::json;

use super::answer::read;
use super::caller::Api;
use super::error::ApiError;
use super::material::{self, Material, VideoText};
use super::media::{Download, MOST_BYTES, MediaKind, OpenDownload, Upload};
use crate::call::Call;

const DELETE: &str = "/cgi-bin/material/del_material";
const COUNT: &str = "/cgi-bin/material/get_materialcount";
const LIST: &str = "/cgi-bin/material/batchget_material";
/// WeChat lists so many at once.
const PAGE: u64 = 20;

/// The account's permanent material. From `ctx.api().materials()`.
#[derive(Clone, Copy)]
pub struct Materials<'a> {
    api: &'a dyn Api,
}

/// How much material there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct MaterialCount {
    /// Pictures and covers: 100,000 at most, with articles.
    pub image_count: u64,
    /// Voice messages: 1000 at most.
    pub voice_count: u64,
    /// Videos: 1000 at most.
    pub video_count: u64,
    /// Articles.
    pub news_count: u64,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MaterialPage {
    /// How many there are in all.
    pub total_count: u64,
    /// Newest first, 20 at most.
    #[serde(rename = "item")]
    pub items: Vec<MaterialItem>,
}

/// Material in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MaterialItem {
    /// What messages and menus name it by.
    pub media_id: String,
    /// The file's.
    #[serde(default)]
    pub name: String,
    /// In Unix seconds.
    #[serde(default)]
    pub update_time: u64,
    /// Where a picture is, for pages of Tencent's alone.
    #[serde(default)]
    pub url: Option<String>,
}

impl<'a> dyn Api + 'a {
    /// Files that stay until they are deleted.
    pub fn materials(&self) -> Materials<'_> {
        Materials { api: self }
    }
}

impl Materials<'_> {
    /// Adds a picture, a voice message or a cover.
    pub async fn add(&self, upload: Upload) -> Result<Material, ApiError> {
        self.api.add_material(upload, None).await
    }

    /// Adds a video with what followers read beside it.
    pub async fn add_video(&self, upload: Upload, text: VideoText) -> Result<Material, ApiError> {
        self.api.add_material(upload, Some(text)).await
    }

    /// Fetches a file piece by piece, within the bounds that [`Api::open_download`] has.
    pub async fn open_download(&self, media_id: &str) -> Result<OpenDownload, ApiError> {
        let call = Call::post(material::GET, json!({"media_id": media_id}));
        OpenDownload::read(material::GET, self.api.fetch(call, MOST_BYTES).await?)
    }

    /// The same in memory, whole.
    pub async fn download(&self, media_id: &str) -> Result<Download, ApiError> {
        self.open_download(media_id).await?.whole().await
    }

    /// Deletes a file.
    pub async fn delete(&self, media_id: &str) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"media_id": media_id})).await.map(drop)
    }

    /// How much there is.
    pub async fn count(&self) -> Result<MaterialCount, ApiError> {
        read(COUNT, &self.api.get(COUNT).await?)
    }

    /// The next 20 of a kind behind the first `offset`. Covers are listed as pictures.
    pub async fn list(&self, kind: MediaKind, offset: u64) -> Result<MaterialPage, ApiError> {
        let kind = if kind == MediaKind::Thumb { MediaKind::Image } else { kind };
        let body = json!({"type": kind.as_str(), "offset": offset, "count": PAGE});
        read(LIST, &self.api.post(LIST, body).await?)
    }
}
