//! WeChat's side of the envelope: what it would send, and what it would make of the answer.
//! For `wxbot say`, which asks a bot without asking WeChat.

use secrecy::ExposeSecret;

use crate::account::{Account, Mode};
use crate::envelope;
use crate::fields::Fields;
use crate::refusal::{Refusal, SealError};
use crate::reply::xml::Writer;
use crate::signature::sign;

/// A request as WeChat would make it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What stands behind the `?`.
    pub query: String,
    /// The body, encrypted unless the account's mode is plain.
    pub body: String,
}

impl Account {
    /// Signs a message, and encrypts it unless the mode is plain. `now` is in Unix seconds.
    pub fn deliver(&self, message: &str, now: u64, nonce: &str, random: [u8; 16]) -> Delivery {
        let timestamp = now.to_string();
        let token = self.tokens[0].expose_secret();
        let signature = sign([token, &timestamp, nonce]);
        let query = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}");
        let Some(key) = self.keys.first().filter(|_| self.mode > Mode::Plain) else {
            return Delivery { query, body: message.to_owned() };
        };
        let encrypt = key.seal(random, message, &self.app_id);
        let msg_signature = sign([token, &timestamp, nonce, &encrypt]);
        let mut body = Writer::with_capacity(encrypt.len() + 64);
        body.text("Encrypt", &encrypt);
        Delivery {
            query: format!("{query}&encrypt_type=aes&msg_signature={msg_signature}"),
            body: body.finish(),
        }
    }

    /// Opens a reply. Its own signature is not checked: it came from ourselves.
    pub fn open_reply(&self, body: &str) -> Result<Fields, Refusal> {
        let (outer, _) = envelope::read(body.as_bytes())?;
        let Some(encrypt) = outer.get("Encrypt") else { return Ok(outer) };
        let key = self.keys.first().ok_or(SealError::NoKey)?;
        let reply = key.open(encrypt, &self.app_id)?;
        Ok(envelope::read(&reply)?.0)
    }
}

/// The body of a text message, as WeChat writes it.
pub fn text_message(to: &str, openid: &str, now: u64, content: &str) -> String {
    let mut writer = begin(to, openid, now, "text");
    writer.text("Content", content);
    writer.number("MsgId", &(now * 1_000_000_000 + 101).to_string());
    writer.finish()
}

/// The body of an event, as WeChat writes it.
pub fn event_message(to: &str, openid: &str, now: u64, event: &str, key: &str) -> String {
    let mut writer = begin(to, openid, now, "event");
    writer.text("Event", event);
    writer.text("EventKey", key);
    writer.finish()
}

fn begin(to: &str, openid: &str, now: u64, kind: &str) -> Writer {
    let mut writer = Writer::with_capacity(512);
    writer.text("ToUserName", to);
    writer.text("FromUserName", openid);
    writer.number("CreateTime", &now.to_string());
    writer.text("MsgType", kind);
    writer
}
