//! A message of a follower, or an event (protocol sections 3 and 4).

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::event::Event;
use crate::fields::read::{SCENE_PREFIX, number, optional, text};
use crate::fields::{Element, Fields};
use crate::normalize::normalize;

/// One message of a follower, or one event of the account.
///
/// What the protocol page lists is typed; every field that came, known or not, can be read from
/// [`fields`](Self::fields). A field that is missing or broken is empty or `None`.
#[derive(Debug, Clone)]
pub struct Message {
    /// The account's original id, `gh_…` (ToUserName); empty when that is missing.
    pub to: String,
    /// The follower (FromUserName). For events about the account itself this is a system id, or
    /// empty.
    pub openid: String,
    /// When it was said, in Unix seconds (CreateTime); 0 when that is missing.
    pub create_time: u64,
    /// The id of a message (MsgId); events have none.
    pub msg_id: Option<u64>,
    /// The article the conversation began at: MsgDataId and Idx.
    pub article: Option<ArticleOrigin>,
    /// What was said.
    pub content: Content,
    fields: Fields,
    normalized: OnceLock<Option<Box<str>>>,
}

/// A body that does not say what kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has no MsgType")]
pub struct MissingKind;

/// The article from which a follower opened the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleOrigin {
    /// MsgDataId.
    pub msg_data_id: String,
    /// Which article of that message, from 1 (Idx).
    pub idx: Option<u64>,
}

/// The kinds of a message.
#[derive(Debug, Clone, PartialEq)]
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
        kind: String,
    },
}

impl Message {
    /// Reads a message from the fields of a body. Only a body without a kind is refused.
    pub fn read(fields: Fields) -> Result<Self, MissingKind> {
        let at = fields.element("MsgType").or_else(|| fields.element("InfoType"));
        let kind = at.ok_or(MissingKind)?.text().trim();
        if kind.is_empty() {
            return Err(MissingKind);
        }
        let root = fields.root();
        Ok(Self {
            to: text(root, "ToUserName"),
            openid: text(root, "FromUserName"),
            create_time: number(root, "CreateTime").unwrap_or(0),
            msg_id: number(root, "MsgId|MsgID").filter(|_| !kind.eq_ignore_ascii_case("event")),
            article: ArticleOrigin::read(root),
            content: Content::read(kind, root),
            fields,
            normalized: OnceLock::new(),
        })
    }

    /// Every field that came, by path.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The text of a field, for example `message.field("ScanCodeInfo/ScanType")`.
    pub fn field(&self, path: &str) -> Option<&str> {
        self.fields.get(path)
    }

    /// What a text message says; `None` for every other kind. [`words`](Self::words) knows what was
    /// said by voice, too.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text { content, .. } => Some(content),
            _ => None,
        }
    }

    /// What was said in words: the text of a text message, or what WeChat recognised of a voice
    /// message.
    pub fn words(&self) -> Option<&str> {
        match &self.content {
            Content::Voice { recognition, .. } => recognition.as_deref(),
            _ => self.text(),
        }
    }

    /// The [words](Self::words), [normalised](crate::matcher::normalize) when they are asked for
    /// first.
    pub fn normalized(&self) -> Option<&str> {
        let words = self.words()?;
        let changed = self.normalized.get_or_init(|| match normalize(words) {
            Cow::Borrowed(_) => None,
            Cow::Owned(changed) => Some(changed.into()),
        });
        Some(changed.as_deref().unwrap_or(words))
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        match &self.content {
            Content::Event(event) => Some(event),
            _ => None,
        }
    }

    /// Whether WeChat shows a passive reply to it (protocol section 4). An event that is not known
    /// may be one to which it does; but a reply needs somebody to show it to, and a sender.
    pub fn takes_reply(&self) -> bool {
        let has_addresses = !self.openid.is_empty() && !self.to.is_empty();
        has_addresses && self.event().is_none_or(Event::takes_reply)
    }

    /// The EventKey of an event; for `subscribe` without the `qrscene_` in front of a scene.
    pub fn event_key(&self) -> Option<&str> {
        let key = self.field("EventKey")?.trim();
        match self.event()? {
            Event::Subscribe { .. } => Some(key.strip_prefix(SCENE_PREFIX).unwrap_or(key)),
            _ => Some(key),
        }
    }
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

    fn read(kind: &str, at: Element<'_>) -> Self {
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

impl ArticleOrigin {
    fn read(at: Element<'_>) -> Option<Self> {
        Some(Self { msg_data_id: optional(at, "MsgDataId")?, idx: number(at, "Idx") })
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
