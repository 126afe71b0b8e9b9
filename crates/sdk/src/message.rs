//! A message of a follower, or an event (protocol sections 3 and 4).

mod content;
mod schema;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

pub use self::content::Content;
use crate::event::Event;
use crate::fields::object::Object;
use crate::fields::read::{SCENE_PREFIX, number, optional, text};
use crate::fields::{Element, Fields};
use crate::id_text::as_text;
use crate::normalize::normalize;

/// One message of a follower, or one event of the account.
///
/// What the protocol page lists is typed; every field that came, known or not, can be read from
/// [`fields`](Self::fields). A field that is missing or broken is empty or `None`.
///
/// With serde it is one object: what all messages have, what its [`Content`] has, and every field
/// that came under `fields`, where what repeats is an array. Keys are always there, `null` if need
/// be; an id is a text, as it may have more digits than a number of JSON is safe with. It is not
/// read back; whoever keeps a message keeps its fields.
///
/// ```json
/// {"kind":"text", "openid":"o…", "to":"gh_…", "msg_id":"24870000000000011",
///  "create_time":1700000000, "article":null, "content":"hello", "menu_id":null,
///  "fields":{"ToUserName":"gh_…", "Content":"hello", …}}
/// {"kind":"event", "openid":"o…", …, "event":"click", "key":"HELP", "fields":{…}}
/// ```
#[derive(Debug, Clone, PartialEq)]
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
    normalized: Normalized,
}

/// The normalised words, once they were asked for; `None` where they were normal before. Whether
/// they were asked for makes no message another one.
#[derive(Clone, Default)]
struct Normalized(OnceLock<Option<Box<str>>>);

/// A body that does not say what kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has no MsgType")]
pub struct MissingKind;

/// The article from which a follower opened the chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ArticleOrigin {
    /// MsgDataId.
    pub msg_data_id: String,
    /// Which article of that message, from 1 (Idx).
    pub idx: Option<u64>,
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
            normalized: Normalized::default(),
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
        let changed = self.normalized.0.get_or_init(|| match normalize(words) {
            Cow::Borrowed(_) => None,
            Cow::Owned(changed) => Some(changed.into()),
        });
        Some(changed.as_deref().unwrap_or(words))
    }

    /// The same message with other [words](Self::words), in its fields, too.
    #[must_use]
    pub fn with_words(&self, words: &str) -> Self {
        let mut message = self.clone();
        message.normalized = Normalized::default();
        let field = match &mut message.content {
            Content::Text { content, .. } => {
                words.clone_into(content);
                "Content"
            }
            Content::Voice { recognition: Some(recognition), .. } => {
                words.clone_into(recognition);
                "Recognition"
            }
            _ => return message,
        };
        message.fields = self.fields.with_text(field, words);
        message
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

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'m> {
            kind: &'m str,
            openid: &'m str,
            to: &'m str,
            #[serde(serialize_with = "as_text")]
            msg_id: Option<u64>,
            create_time: u64,
            article: &'m Option<ArticleOrigin>,
            #[serde(flatten)]
            content: &'m Content,
            fields: Object<'m>,
        }
        let form = Form {
            kind: self.content.kind(),
            openid: &self.openid,
            to: &self.to,
            msg_id: self.msg_id,
            create_time: self.create_time,
            article: &self.article,
            content: &self.content,
            fields: Object(self.fields.root()),
        };
        form.serialize(to)
    }
}

impl PartialEq for Normalized {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Normalized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

impl ArticleOrigin {
    fn read(at: Element<'_>) -> Option<Self> {
        Some(Self { msg_data_id: optional(at, "MsgDataId")?, idx: number(at, "Idx") })
    }
}
