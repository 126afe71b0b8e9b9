//! Files on WeChat's servers (protocol section 7.7).

use std::fmt;

use bytes::Bytes;

/// Where a file is put.
pub(super) const UPLOAD: &str = "/cgi-bin/media/upload";
/// Where one is fetched.
pub(super) const GET: &str = "/cgi-bin/media/get";

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
#[derive(Clone, PartialEq, Eq)]
pub struct Upload {
    /// What it is.
    pub kind: MediaKind,
    /// With an ending that fits; WeChat refuses a file without a name (41005).
    pub filename: String,
    /// For example `image/png`.
    pub content_type: String,
    /// The file.
    pub bytes: Bytes,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, filename, content_type, bytes } = self;
        write!(f, "Upload({kind:?}, {filename:?}, {content_type:?}, {} bytes)", bytes.len())
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

/// A file from WeChat's servers.
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
