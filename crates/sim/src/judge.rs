//! How WeChat judges what a bot answers (sections 2.4, 2.5 and 5).

use serde_json::{Map, Value};

use crate::account::Account;
use crate::account::settings::{Format, Mode};
use crate::bubble::{Bubble, MAX_TEXT_BYTES};
use crate::cause::{Cause, Note};
use crate::crypto::{Key, sign};
use crate::element::Element;
use crate::endpoint::Response;
use crate::options::LongText;
use crate::push::PushKind;
use crate::reply::{ReplyError, read_reply};

/// A response that WeChat accepts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// `success`, or an empty body.
    Silence,
    /// A reply, and what WeChat cut from it.
    Reply(Bubble, Vec<Note>),
}

/// What a response is judged by.
pub(crate) struct Judge<'j> {
    pub(crate) account: &'j Account,
    pub(crate) key: Option<&'j Key>,
    /// The follower.
    pub(crate) openid: &'j str,
    /// What is answered.
    pub(crate) kind: PushKind,
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
        let (bubble, bytes) = self.reply(body)?;
        self.cut(bubble, bytes)
    }

    /// The bubble, and the bytes of its text.
    fn reply(&self, body: &str) -> Result<(Bubble, usize), Cause> {
        let reply = self.decrypt(body)?;
        let required = |name: &str| {
            let text = reply.child_text(name).filter(|text| !text.is_empty());
            text.ok_or_else(|| Cause::Missing(name.to_owned()))
        };
        let (to, from) = (required("ToUserName")?, required("FromUserName")?);
        if to != self.openid {
            return Err(Cause::Receiver(to.to_owned()));
        }
        if from != self.account.original_id {
            return Err(Cause::Sender(from.to_owned()));
        }
        if required("CreateTime")?.trim().parse::<u64>().is_err() {
            return Err(Cause::Missing("CreateTime".into()));
        }
        let bubble = read_reply(&reply).map_err(|error| match error {
            ReplyError::Missing(name) => Cause::Missing(name),
            ReplyError::UnknownKind(kind) => Cause::Kind(kind),
        })?;
        Ok((bubble, reply.child_text("Content").map_or(0, str::len)))
    }

    /// The reply's elements, whether they are encrypted or not.
    fn decrypt(&self, body: &str) -> Result<Element, Cause> {
        let envelope = if self.account.format == Format::Json && body.starts_with('{') {
            json_envelope(body)?
        } else {
            xml(body)?
        };
        match (envelope.child("Encrypt").is_some(), self.account.mode) {
            (true, Mode::Plain) => Err(Cause::Sealed),
            (true, Mode::Compatible | Mode::Safe) => xml(&self.plaintext(&envelope)?),
            (false, Mode::Safe) => Err(Cause::NotSealed),
            (false, Mode::Plain | Mode::Compatible) => Ok(envelope),
        }
    }

    fn plaintext(&self, envelope: &Element) -> Result<String, Cause> {
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

    fn cut(&self, mut bubble: Bubble, bytes: usize) -> Result<Judged, Cause> {
        let mut notes = Vec::new();
        match &mut bubble {
            Bubble::News(cards) if cards.len() > self.max_articles() => {
                let (sent, shown) = (cards.len(), self.max_articles());
                notes.push(Note::ArticlesCut { sent, shown });
                cards.truncate(shown);
            }
            Bubble::Text { .. } if bytes > MAX_TEXT_BYTES && self.long_text == LongText::Notice => {
                return Err(Cause::TooLong(bytes));
            }
            Bubble::Text { text, .. } if bytes > MAX_TEXT_BYTES => {
                notes.push(Note::TextCut { bytes });
                text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
            }
            _ => {}
        }
        Ok(Judged::Reply(bubble, notes))
    }

    /// How many articles a reply may have (section 5).
    fn max_articles(&self) -> usize {
        match self.kind {
            PushKind::Message => 1,
            PushKind::ChatEvent | PushKind::BackgroundEvent => 8,
        }
    }
}

/// A whole XML document with nothing before its root.
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

/// `{"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}` (section 6.4), the only answer in JSON that the
/// documents define.
fn json_envelope(body: &str) -> Result<Element, Cause> {
    let fields: Map<String, Value> = serde_json::from_str(body).map_err(|_| Cause::Json)?;
    if !fields.contains_key("Encrypt") {
        return Err(Cause::Json);
    }
    let elements = fields.iter().map(|(name, value)| match value {
        Value::String(text) => Element::text(name, text),
        other => Element::number(name, other),
    });
    Ok(Element::nested("xml", elements.collect()))
}
