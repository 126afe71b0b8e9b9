//! Seals the reply to a message that came sealed (protocol section 6.4).

use secrecy::{ExposeSecret, SecretString};

use super::body::Format;
use crate::account::Account;
use crate::receive::cipher::Key;
use crate::receive::signature;
use crate::reply::xml::Writer;

/// How the reply is sealed: with the key and the token that opened the message.
#[derive(Clone, Copy)]
pub(crate) struct Seal<'a> {
    pub(super) account: &'a Account,
    pub(super) key: &'a Key,
    pub(super) token: &'a SecretString,
    pub(super) nonce: &'a str,
    pub(super) format: Format,
}

impl Seal<'_> {
    /// Seals a reply into its envelope (section 6.4). `random` is fresh for every reply; `now`
    /// is in Unix seconds.
    pub(crate) fn close(&self, message: &[u8], now: u64, random: [u8; 16]) -> String {
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
