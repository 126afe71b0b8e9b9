//! What a message says: its kind, and the fields that the protocol page lists for it.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::event::Event;
use crate::fields::Element;
use crate::fields::read::{number, optional, text};

/// The kinds of a message. With serde the fields of one; the kind stands beside them in a [`Message`](super::Message).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Content {
    /// 3.1
    Text {
        /// Whole: nothing is trimmed, line breaks are kept.
        content: String,
        /// The id of the menu item that was tapped to say this (bizmsgmenuid).
        menu_id: Option<String>,
    },
    /// 3.2
    Image {
        /// A link to the picture, for a limited time.
        pic_url: String,
        /// Temporary media, 3 days; can be sent back.
        media_id: String,
    },
    /// 3.3
    Voice {
        /// Temporary media, 3 days.
        media_id: String,
        /// `amr`, `speex`, …
        format: String,
        /// The same voice at 16 kHz.
        media_id_16k: Option<String>,
        /// What WeChat's speech recognition understood; being retired.
        recognition: Option<String>,
    },
    /// 3.4
    Video {
        /// Temporary media, 3 days.
        media_id: String,
        /// The preview picture.
        thumb_media_id: String,
    },
    /// 3.5
    ShortVideo {
        /// Temporary media, 3 days.
        media_id: String,
        /// The preview picture.
        thumb_media_id: String,
    },
    /// 3.6
    Location {
        /// Degrees (Location_X).
        latitude: Option<f64>,
        /// Degrees (Location_Y).
        longitude: Option<f64>,
        /// The zoom of the map.
        scale: Option<f64>,
        /// The address as text.
        label: String,
    },
    /// 3.7
    Link {
        /// The title of the page.
        title: String,
        /// What it is about.
        description: String,
        /// Where it is.
        url: String,
    },
    /// 3.8
    MiniProgramPage {
        /// The title of the card.
        title: String,
        /// The mini program.
        app_id: String,
        /// The page in it.
        page_path: String,
        /// The picture of the card.
        thumb_url: String,
        /// The same picture as temporary media.
        thumb_media_id: String,
    },
    /// 3.9, not documented by WeChat.
    File {
        /// The file's name.
        title: String,
        /// Usually empty.
        description: String,
        /// WeChat's name for the file.
        file_key: String,
        /// MD5 of the file, hex.
        file_md5: String,
        /// Bytes (FileTotalLen).
        file_total_len: Option<u64>,
    },
    /// `device_text`, `device_event`, `device_status` and `hardware` of the retired IoT platform.
    Device {
        /// MsgType.
        #[serde(skip)]
        kind: String,
        /// `bind`, `unbind`, … of a device event.
        event: Option<String>,
        /// DeviceType.
        device_type: String,
        /// DeviceID.
        device_id: String,
        /// SessionID.
        session_id: String,
        /// Content, base64.
        content: String,
        /// OpenID.
        open_id: String,
        /// OpType.
        op_type: Option<u64>,
    },
    /// Section 4.
    Event(Event),
    /// A kind that this version does not know. The fields are there.
    Unknown {
        /// MsgType, or InfoType where there is none.
        #[serde(skip)]
        kind: String,
    },
}

impl Content {
    /// The MsgType values with a variant of their own.
    pub const KINDS: [&'static str; 14] = [
        "text",
        "image",
        "voice",
        "video",
        "shortvideo",
        "location",
        "link",
        "miniprogrampage",
        "file",
        "event",
        "device_text",
        "device_event",
        "device_status",
        "hardware",
    ];

    /// The MsgType in lower case; an unknown one as it came.
    pub fn kind(&self) -> &str {
        match self {
            Self::Text { .. } => "text",
            Self::Image { .. } => "image",
            Self::Voice { .. } => "voice",
            Self::Video { .. } => "video",
            Self::ShortVideo { .. } => "shortvideo",
            Self::Location { .. } => "location",
            Self::Link { .. } => "link",
            Self::MiniProgramPage { .. } => "miniprogrampage",
            Self::File { .. } => "file",
            Self::Event(_) => "event",
            Self::Device { kind, .. } | Self::Unknown { kind } => kind,
        }
    }

    pub(super) fn read(kind: &str, at: Element<'_>) -> Self {
        match &*lower_case(kind) {
            "text" => Self::Text {
                content: at.get("Content").unwrap_or_default().to_owned(),
                menu_id: optional(at, "bizmsgmenuid"),
            },
            "image" => Self::Image { pic_url: text(at, "PicUrl"), media_id: text(at, "MediaId") },
            "voice" => Self::Voice {
                media_id: text(at, "MediaId"),
                format: text(at, "Format"),
                media_id_16k: optional(at, "MediaId16K"),
                recognition: optional(at, "Recognition"),
            },
            "video" => Self::Video {
                media_id: text(at, "MediaId"),
                thumb_media_id: text(at, "ThumbMediaId"),
            },
            "shortvideo" => Self::ShortVideo {
                media_id: text(at, "MediaId"),
                thumb_media_id: text(at, "ThumbMediaId"),
            },
            "location" => Self::Location {
                latitude: number(at, "Location_X"),
                longitude: number(at, "Location_Y"),
                scale: number(at, "Scale"),
                label: text(at, "Label"),
            },
            "link" => Self::Link {
                title: text(at, "Title"),
                description: text(at, "Description"),
                url: text(at, "Url"),
            },
            "miniprogrampage" => Self::MiniProgramPage {
                title: text(at, "Title"),
                app_id: text(at, "AppId"),
                page_path: text(at, "PagePath"),
                thumb_url: text(at, "ThumbUrl"),
                thumb_media_id: text(at, "ThumbMediaId"),
            },
            "file" => Self::File {
                title: text(at, "Title"),
                description: text(at, "Description"),
                file_key: text(at, "FileKey"),
                file_md5: text(at, "FileMd5"),
                file_total_len: number(at, "FileTotalLen"),
            },
            "event" => Self::Event(Event::read(at)),
            device @ ("device_text" | "device_event" | "device_status" | "hardware") => {
                Self::Device {
                    kind: device.to_owned(),
                    event: optional(at, "Event"),
                    device_type: text(at, "DeviceType"),
                    device_id: text(at, "DeviceID"),
                    session_id: text(at, "SessionID"),
                    content: text(at, "Content"),
                    open_id: text(at, "OpenID"),
                    op_type: number(at, "OpType"),
                }
            }
            _ => Self::Unknown { kind: kind.to_owned() },
        }
    }
}

/// Most names come in lower case already.
fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
