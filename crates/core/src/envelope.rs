//! Stop 2, open it: plain, compatible or safe, XML or JSON (protocol sections 2.1 to 2.3 and 6).

mod xml;
mod json;

use secrecy::{ExposeSecret, SecretString};

use crate::account::{Account, Mode};
use crate::cipher::Key;
use crate::fields::Fields;
use crate::refusal::{BodyError, Refusal, SealError};
use crate::reply::xml::Writer;
use crate::signature::{self, Verified};

/// No message nests deeper; the deepest known one has 5 levels.
const MAX_DEPTH: usize = 16;
/// No message has more elements.
const MAX_ELEMENTS: usize = 1024;
/// WeChat uses no attributes at all.
const MAX_ATTRIBUTES: usize = 16;
/// What says who speaks to whom and what: twice would be for us to choose.
const ONCE: [&str; 9] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "MsgId",
    "Event",
    "EventKey",
    "Content",
    "Encrypt",
];

/// The two data formats of the server configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The classic one.
    Xml,
    /// The newer one.
    Json,
}

/// A body that was opened.
pub(crate) struct Opened<'a> {
    pub(crate) fields: Fields,
    /// How to seal the reply; `None` when the request came in the clear.
    pub(crate) seal: Option<Seal<'a>>,
}

/// Opens a verified body, as the account's mode demands.
pub(crate) fn open<'a>(
    account: &'a Account,
    verified: &Verified<'a>,
    body: &[u8],
) -> Result<Opened<'a>, Refusal> {
    let (outer, format) = read(body)?;
    if !verified.announces_encryption() {
        return match account.mode {
            Mode::Safe => Err(Refusal::TooWeak(account.mode.as_str())),
            Mode::Plain | Mode::Compatible => Ok(Opened { fields: outer, seal: None }),
        };
    }
    if account.keys.is_empty() {
        // Compatible mode was switched on at WeChat first: the plain part is there too.
        return match outer.get("MsgType") {
            Some(_) => Ok(Opened { fields: outer, seal: None }),
            None => Err(SealError::NoKey.into()),
        };
    }
    let encrypt = outer.get("Encrypt").ok_or(SealError::Missing)?.trim();
    if !verified.covers(encrypt) {
        return Err(SealError::Signature.into());
    }
    let (key, message) = open_with_any_key(account, encrypt)?;
    let (fields, _) = read(&message)?;
    let seal = Seal { account, key, token: verified.token(), nonce: verified.nonce(), format };
    Ok(Opened { fields, seal: Some(seal) })
}

/// Tries the current key first, then the previous one; the first error is the one that tells.
fn open_with_any_key<'a>(
    account: &'a Account,
    encrypt: &str,
) -> Result<(&'a Key, Vec<u8>), SealError> {
    let mut first_error = None;
    for key in &account.keys {
        match key.open(encrypt, &account.app_id) {
            Ok(message) => return Ok((key, message)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(SealError::NoKey))
}

/// Reads XML or JSON, told apart by the first byte.
pub fn read(body: &[u8]) -> Result<(Fields, Format), BodyError> {
    let text = std::str::from_utf8(body).map_err(|_| BodyError::Utf8)?;
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    let (fields, format) = match text.bytes().next() {
        Some(b'<') => (xml::read(text)?, Format::Xml),
        Some(b'{') => (json::read(text)?, Format::Json),
        Some(_) => return Err(BodyError::NeitherXmlNorJson),
        None => return Err(BodyError::Empty),
    };
    each_once(&fields)?;
    Ok((fields, format))
}

fn each_once(fields: &Fields) -> Result<(), BodyError> {
    let mut seen = [false; ONCE.len()];
    for element in fields.children() {
        let Some(place) = ONCE.iter().position(|name| *name == element.name()) else { continue };
        if std::mem::replace(&mut seen[place], true) {
            return Err(BodyError::Twice(ONCE[place]));
        }
    }
    Ok(())
}

fn count(so_far: usize, what: &'static str, limit: usize) -> Result<(), BodyError> {
    if so_far > limit { Err(BodyError::TooMany { what, limit }) } else { Ok(()) }
}

/// How the reply is sealed: with the key and the token that opened the message.
#[derive(Clone, Copy)]
pub(crate) struct Seal<'a> {
    account: &'a Account,
    key: &'a Key,
    token: &'a SecretString,
    nonce: &'a str,
    format: Format,
}

impl Seal<'_> {
    /// Seals a reply into its envelope (section 6.4). `random` is fresh for every reply; `now`
    /// is in Unix seconds.
    pub(crate) fn close(&self, message: &str, now: u64, random: [u8; 16]) -> String {
        let encrypt = self.key.seal(random, message, &self.account.app_id);
        let timestamp = now.to_string();
        let parts = [self.token.expose_secret(), &timestamp, self.nonce, &encrypt];
        let signature = signature::sign(parts);
        match self.format {
            Format::Xml => xml_envelope(&encrypt, &signature, &timestamp, self.nonce),
            Format::Json => serde_json::json!({
                "Encrypt": encrypt,
                "MsgSignature": signature,
                "TimeStamp": now,
                "Nonce": self.nonce,
            })
            .to_string(),
        }
    }
}

fn xml_envelope(encrypt: &str, signature: &str, timestamp: &str, nonce: &str) -> String {
    let mut writer = Writer::with_capacity(encrypt.len() + 256);
    writer.text("Encrypt", encrypt);
    writer.text("MsgSignature", signature);
    writer.number("TimeStamp", timestamp);
    writer.text("Nonce", nonce);
    writer.finish()
}
