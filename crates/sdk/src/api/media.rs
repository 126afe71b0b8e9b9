//! Files on WeChat's servers (protocol section 7.7).

use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use super::answer::{number, unclear};
use super::error::ApiError;
use super::file_content::FileContent;
use super::file_stream::{Fetched, FileStream};
use super::form::{FileName, Form};

/// Where a file is put.
pub(super) const UPLOAD: &str = "/cgi-bin/media/upload";
/// Where one is fetched.
pub(super) const GET: &str = "/cgi-bin/media/get";
/// Files of WeChat's end at 10 MB.
pub(super) const MOST_BYTES: u64 = 32 << 20;

/// What a file is to WeChat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// PNG, JPEG or GIF, up to 10 MB (the same page also says 2 MB).
    Image,
    /// AMR or MP3, up to 2 MB and 60 s.
    Voice,
    /// MP4, up to 10 MB.
    Video,
    /// A cover, JPG, up to 64 KB.
    Thumb,
}

impl MediaKind {
    /// The `type` on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Thumb => "thumb",
        }
    }
}

/// A file to put on WeChat's servers.
#[derive(Debug)]
pub struct Upload {
    /// What it is.
    pub kind: MediaKind,
    /// With an ending that fits; WeChat refuses a file without a name (41005).
    pub filename: String,
    /// For example `image/png`.
    pub content_type: String,
    /// The file: bytes, or a [`FileContent`] that is read piece by piece.
    pub content: FileContent,
}

impl Upload {
    /// The form that brings it.
    pub(super) fn into_form(self) -> Form {
        let Self { filename, content_type, content, .. } = self;
        Form::default().file("media", FileName { filename, content_type }, content)
    }
}

/// A file that is there for three days, and may be used as often as one likes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// What messages name it by.
    pub media_id: String,
    /// Since when, in Unix seconds; 0 where WeChat did not say.
    pub created_at: u64,
}

impl Uploaded {
    /// A cover's id has a name of its own.
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let names = ["media_id", "thumb_media_id"];
        let media_id = names.iter().find_map(|name| answer.get(*name)?.as_str());
        let media_id = media_id.ok_or_else(|| unclear(UPLOAD, "the answer has no `media_id`"))?;
        let created_at = number(answer, "created_at").unwrap_or_default();
        Ok(Self { media_id: media_id.to_owned(), created_at })
    }
}

/// A file from WeChat's servers, in memory whole.
#[derive(Clone, PartialEq, Eq)]
pub enum Download {
    /// The file itself.
    File {
        /// For example `image/jpeg`; empty where WeChat did not say.
        content_type: String,
        /// From the Content-Disposition.
        filename: Option<String>,
        /// The file.
        bytes: Bytes,
    },
    /// A video is somewhere else. A URL from outside: think before fetching it.
    Video {
        /// Where, with no token in it.
        url: String,
    },
}

/// A file from WeChat's servers, while it comes.
#[derive(Debug)]
pub enum OpenDownload {
    /// The file itself.
    File(FileStream),
    /// A video is somewhere else. A URL from outside: think before fetching it.
    Video {
        /// Where, with no token in it.
        url: String,
    },
}

impl OpenDownload {
    /// Temporary videos and permanent ones name their URL differently.
    pub(super) fn read(path: &str, fetched: Fetched) -> Result<Self, ApiError> {
        let answer = match fetched {
            Fetched::File(file) => return Ok(Self::File(file)),
            Fetched::Json(answer) => answer,
        };
        let mut urls = ["video_url", "down_url"].iter().filter_map(|name| answer.get(*name));
        let url = urls.find_map(Value::as_str);
        let url =
            url.ok_or_else(|| unclear(path, "the answer has no `video_url` or `down_url`"))?;
        Ok(Self::Video { url: url.to_owned() })
    }

    /// All of it, in memory.
    pub async fn whole(self) -> Result<Download, ApiError> {
        let mut file = match self {
            Self::File(file) => file,
            Self::Video { url } => return Ok(Download::Video { url }),
        };
        let content_type = std::mem::take(&mut file.content_type);
        let filename = file.filename.take();
        Ok(Download::File { content_type, filename, bytes: file.whole().await? })
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { content_type, filename, bytes } => {
                write!(f, "File({content_type:?}, {filename:?}, {} bytes)", bytes.len())
            }
            Self::Video { .. } => f.write_str("Video(…)"),
        }
    }
}
