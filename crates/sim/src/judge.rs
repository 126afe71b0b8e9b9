//! How WeChat judges what a bot answers (sections 2.4, 2.5 and 5).

use serde::{Serialize, Serializer};

use crate::account::{Account, Format, Mode};
use crate::bubble::{self, Bubble, Lack};
use crate::element::{Element, Malformed};
use crate::endpoint::{Broken, Response};
use crate::options::LongText;
use crate::wire::{Key, OpenError, sign};

/// Bytes of a passive text (section 5.1).
pub const TEXT_BYTES: usize = 2048;
/// Articles in the answer to a message, and to an event.
const ARTICLES: (usize, usize) = (1, 8);

/// Why WeChat shows its notice instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// No answer to the last delivery within 5 seconds (cause 1).
    #[error("there was no answer within 5 seconds")]
    TimedOut,
    /// The connection came to nothing (cause 5).
    #[error(transparent)]
    Broken(#[from] Broken),
    /// Another status than 200 (cause 5).
    #[error("the status is {0}")]
    Status(u16),
    /// Cause 2.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// A byte order mark or a blank stands before the root (section 2.4).
    #[error("something stands before `<xml>`")]
    BeforeRoot,
    /// Cause 2.
    #[error("the body is JSON")]
    Json,
    /// Cause 2.
    #[error("the body is HTML")]
    Html,
    /// Cause 2.
    #[error("the body is neither XML nor `success`")]
    NotXml,
    /// Cause 2.
    #[error("the body is {0}")]
    Malformed(#[from] Malformed),
    /// An element is not there, or empty (causes 2 and 3).
    #[error("`{0}` is missing or empty")]
    Missing(String),
    /// A MsgType that there is not.
    #[error("there is no MsgType `{0}`")]
    Kind(String),
    /// Cause 4.
    #[error("`ToUserName` is `{0}`, not the follower")]
    Receiver(String),
    /// Cause 4.
    #[error("`FromUserName` is `{0}`, not the account's original id")]
    Sender(String),
    /// More than 2048 bytes.
    #[error("the text has {0} bytes, more than 2048")]
    TooLong(usize),
    /// Safe mode takes no readable reply (cause 6).
    #[error("the reply is not sealed")]
    NotSealed,
    /// Plain mode takes no sealed one.
    #[error("the reply is sealed, and the account is in plain mode")]
    Sealed,
    /// Cause 6.
    #[error("`MsgSignature` is wrong")]
    Signature,
    /// Cause 6.
    #[error("the seal does not open: {0}")]
    Seal(#[from] OpenError),
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the phone shows less of than the bot said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Articles that were cut off.
    ArticlesCut {
        /// How many the bot sent.
        sent: usize,
        /// How many are shown.
        shown: usize,
    },
    /// A text that was cut off.
    TextCut {
        /// How many bytes the bot sent.
        bytes: usize,
    },
}

/// What comes of a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// `success`, or nothing.
    Silence,
    /// A reply, and what of it is cut.
    Reply(Bubble, Vec<Note>),
}

/// What the reply has to fit.
pub(crate) struct Judge<'j> {
    pub(crate) account: &'j Account,
    pub(crate) key: Option<&'j Key>,
    /// The follower.
    pub(crate) openid: &'j str,
    /// Whether a message is answered, not an event.
    pub(crate) to_message: bool,
    pub(crate) long_text: LongText,
}

impl Judge<'_> {
    pub(crate) fn judge(&self, response: &Response) -> Result<Judged, Cause> {
        if response.status != 200 {
            return Err(Cause::Status(response.status));
        }
        let body = std::str::from_utf8(&response.body).map_err(|_| Cause::NotUtf8)?;
        if body.is_empty() || body == "success" {
            return Ok(Judged::Silence);
        }
        let (bubble, sent) = self.reply(body)?;
        self.fit(bubble, sent)
    }

    /// The bubble, and the bytes of the text in it.
    fn reply(&self, body: &str) -> Result<(Bubble, usize), Cause> {
        let reply = self.opened(body)?;
        let addressed = |name: &str| {
            let text = reply.child_text(name).filter(|text| !text.is_empty());
            text.ok_or_else(|| Cause::Missing(name.to_owned()))
        };
        let (to, from) = (addressed("ToUserName")?, addressed("FromUserName")?);
        if to != self.openid {
            return Err(Cause::Receiver(to.to_owned()));
        }
        if from != self.account.original_id {
            return Err(Cause::Sender(from.to_owned()));
        }
        if addressed("CreateTime")?.trim().parse::<u64>().is_err() {
            return Err(Cause::Missing("CreateTime".into()));
        }
        let bubble = bubble::of_reply(&reply).map_err(|lack| match lack {
            Lack::Element(name) => Cause::Missing(name),
            Lack::Kind(kind) => Cause::Kind(kind),
        })?;
        Ok((bubble, reply.child_text("Content").map_or(0, str::len)))
    }

    /// The reply's elements, out of their seal if there is one.
    fn opened(&self, body: &str) -> Result<Element, Cause> {
        let envelope = if self.account.format == Format::Json && body.starts_with('{') {
            json_envelope(body)?
        } else {
            xml(body)?
        };
        match (envelope.child("Encrypt").is_some(), self.account.mode) {
            (true, Mode::Plain) => Err(Cause::Sealed),
            (true, Mode::Compatible | Mode::Safe) => xml(&self.unsealed(&envelope)?),
            (false, Mode::Safe) => Err(Cause::NotSealed),
            (false, Mode::Plain | Mode::Compatible) => Ok(envelope),
        }
    }

    fn unsealed(&self, envelope: &Element) -> Result<String, Cause> {
        let field = |name: &str| {
            let text = envelope.child_text(name).map(str::trim);
            text.ok_or_else(|| Cause::Missing(name.to_owned()))
        };
        let (encrypt, nonce) = (field("Encrypt")?, field("Nonce")?);
        let expected = sign(&[&self.account.token, field("TimeStamp")?, nonce, encrypt]);
        if field("MsgSignature")? != expected {
            return Err(Cause::Signature);
        }
        let key = self.key.ok_or(Cause::Sealed)?;
        Ok(key.open(encrypt, &self.account.app_id)?)
    }

    fn fit(&self, mut bubble: Bubble, bytes: usize) -> Result<Judged, Cause> {
        let mut notes = Vec::new();
        match &mut bubble {
            Bubble::News(cards) => {
                let shown = if self.to_message { ARTICLES.0 } else { ARTICLES.1 };
                if cards.len() > shown {
                    notes.push(Note::ArticlesCut { sent: cards.len(), shown });
                    cards.truncate(shown);
                }
            }
            Bubble::Text { .. } if bytes > TEXT_BYTES && self.long_text == LongText::Notice => {
                return Err(Cause::TooLong(bytes));
            }
            Bubble::Text { text, .. } if bytes > TEXT_BYTES => {
                notes.push(Note::TextCut { bytes });
                text.truncate(text.floor_char_boundary(TEXT_BYTES));
            }
            _ => {}
        }
        Ok(Judged::Reply(bubble, notes))
    }
}

/// A whole XML document, with nothing before its root.
fn xml(body: &str) -> Result<Element, Cause> {
    let start = body.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    match start.bytes().next() {
        Some(b'<') if start.len() < body.len() => return Err(Cause::BeforeRoot),
        Some(b'<') if is_html(start) => return Err(Cause::Html),
        Some(b'<') => {}
        Some(b'{' | b'[' | b'"') => return Err(Cause::Json),
        _ => return Err(Cause::NotXml),
    }
    let root = Element::read_xml(body)?;
    if root.name == "xml" { Ok(root) } else { Err(Cause::Missing("xml".into())) }
}

fn is_html(body: &str) -> bool {
    let start: String = body.chars().take(9).collect::<String>().to_ascii_lowercase();
    ["<!doctype", "<html", "<body", "<p>", "<div"].iter().any(|tag| start.starts_with(tag))
}

/// `{"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}` (section 6.4). The documents define no other
/// answer in JSON.
fn json_envelope(body: &str) -> Result<Element, Cause> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(body).map_err(|_| Cause::Json)?;
    if !fields.contains_key("Encrypt") {
        return Err(Cause::Json);
    }
    let elements = fields.iter().map(|(name, value)| match value {
        serde_json::Value::String(text) => Element::text(name, text),
        other => Element::number(name, other),
    });
    Ok(Element::nested("xml", elements.collect()))
}
