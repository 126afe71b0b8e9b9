//! The account whose bot is called, and the requests that are signed and encrypted with its secrets.

pub(crate) mod settings;

use std::fmt;

use serde_json::json;

use settings::{Format, Kind, Mode};

use crate::crypto::{Key, KeyError, sign};
use crate::endpoint::Request;
use crate::header::Header;

/// An Official Account, as its owner set it up in WeChat's console.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Decides what it may call (section 8).
    pub kind: Kind,
    /// Signs every push.
    pub token: String,
    /// `wx` and 16 hex digits; part of every ciphertext.
    pub app_id: String,
    /// For access tokens.
    pub app_secret: String,
    /// How pushes are encrypted (section 2.2).
    pub mode: Mode,
    /// 43 characters; may be empty in plain mode.
    pub encoding_aes_key: String,
    /// The data format of pushes (section 2.2).
    pub format: Format,
    /// `gh_…`, the account's name as the receiver of pushes.
    pub original_id: String,
}

/// Why an account can't be set up like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The key is no EncodingAESKey.
    #[error("the account's key is not usable")]
    Key(#[from] KeyError),
}

/// What is new in each request.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Unix seconds; in the query.
    pub timestamp: u64,
    /// In the query.
    pub nonce: String,
    /// The first 16 bytes of the plaintext.
    pub random: [u8; 16],
}

impl Default for Account {
    /// A test account with made-up ids, in plain mode, with a key for the other modes.
    fn default() -> Self {
        Self {
            kind: Kind::Test,
            token: "tokenALPHA1".into(),
            app_id: "wx0123456789abcdef".into(),
            app_secret: "0123456789abcdef0123456789abcdef".into(),
            mode: Mode::Plain,
            encoding_aes_key: "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM".into(),
            format: Format::Xml,
            original_id: "gh_5f0c1d2e3a4b".into(),
        }
    }
}

impl Account {
    /// The request in which WeChat would deliver this body, signed and encrypted as the account's
    /// mode demands (sections 2.1 and 2.2).
    pub fn request(
        &self,
        body: impl Into<String>,
        openid: &str,
        fresh: &Fresh,
    ) -> Result<Request, AccountError> {
        Ok(self.request_with_key(self.key()?.as_ref(), body.into(), openid, fresh))
    }

    /// The plaintext of an encrypted body, WeChat's or a bot's, XML or JSON. The signature is not
    /// checked. None if nothing is encrypted, or it can't be decrypted.
    pub fn unsealed(&self, body: &[u8]) -> Option<String> {
        let encrypt = Header::read(std::str::from_utf8(body).ok()?).encrypt?;
        self.key().ok()??.open(&encrypt, &self.app_id).ok()
    }

    /// The key; none in plain mode without one.
    pub(crate) fn key(&self) -> Result<Option<Key>, AccountError> {
        if self.mode == Mode::Plain && self.encoding_aes_key.is_empty() {
            return Ok(None);
        }
        Ok(Some(Key::parse(&self.encoding_aes_key)?))
    }

    pub(crate) fn request_with_key(
        &self,
        key: Option<&Key>,
        body: String,
        openid: &str,
        fresh: &Fresh,
    ) -> Request {
        let mut query = self.signed_query(fresh);
        query.push_str(&format!("&openid={openid}"));
        let key = key.filter(|_| self.mode != Mode::Plain);
        let encrypt = key.map(|key| key.seal(&body, &self.app_id, fresh.random));
        if let Some(encrypt) = &encrypt {
            let timestamp = fresh.timestamp.to_string();
            let msg_signature = sign(&[&self.token, &timestamp, &fresh.nonce, encrypt]);
            query.push_str(&format!("&encrypt_type=aes&msg_signature={msg_signature}"));
        }
        let body = match encrypt {
            None => body,
            Some(encrypt) if self.mode == Mode::Safe => self.safe_body(&encrypt),
            Some(encrypt) => self.compatible_body(body, &encrypt),
        };
        let content_type = match self.format {
            Format::Xml => "text/xml",
            Format::Json => "application/json",
        };
        Request { method: "POST", query, content_type: Some(content_type), body: body.into_bytes() }
    }

    /// `signature`, `timestamp` and `nonce`, which every request has.
    pub(crate) fn signed_query(&self, fresh: &Fresh) -> String {
        let (timestamp, nonce) = (fresh.timestamp.to_string(), &fresh.nonce);
        let signature = sign(&[&self.token, &timestamp, nonce]);
        format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
    }

    /// The receiver and the ciphertext.
    fn safe_body(&self, encrypt: &str) -> String {
        let to = &self.original_id;
        match self.format {
            Format::Json => json!({ "ToUserName": to, "Encrypt": encrypt }).to_string(),
            Format::Xml => format!(
                "<xml>\n    <ToUserName><![CDATA[{to}]]></ToUserName>\n    \
                 <Encrypt><![CDATA[{encrypt}]]></Encrypt>\n</xml>\n"
            ),
        }
    }

    /// Plaintext and ciphertext in one root. A body without the end of a root stays as it is.
    fn compatible_body(&self, body: String, encrypt: &str) -> String {
        let (end, encrypt) = match self.format {
            Format::Xml => ("</xml>", format!("<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>")),
            Format::Json => ("}", format!(",\"Encrypt\":\"{encrypt}\"}}")),
        };
        match body.trim_end().strip_suffix(end) {
            Some(fields) => format!("{fields}{encrypt}"),
            None => body,
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, mode, format, .. } = self;
        write!(f, "Account({}, {kind}, {mode}, {format})", self.original_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_printed() {
        let account = Account::default();
        let printed = format!("{account:?}");
        for secret in [&account.token, &account.app_secret, &account.encoding_aes_key] {
            assert!(!printed.contains(secret.as_str()), "{printed}");
        }
    }

    #[test]
    fn a_key_is_required_for_encryption() {
        let account =
            |mode, key: &str| Account { mode, encoding_aes_key: key.into(), ..Account::default() };
        assert!(account(Mode::Plain, "").key().is_ok_and(|key| key.is_none()));
        assert!(account(Mode::Safe, "").key().is_err());
        assert!(account(Mode::Plain, "short").key().is_err());
    }

    fn vectors() -> serde_json::Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/crypto_vectors.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Query and body of the known answers, byte for byte.
    #[test]
    fn a_safe_request_is_the_known_one() {
        for vector in vectors()["vectors"].as_array().unwrap() {
            let text = |name: &str| vector[name].as_str().unwrap().to_owned();
            if text("kind") != "push_safe" {
                continue;
            }
            let account = Account {
                token: text("token"),
                app_id: text("appid"),
                encoding_aes_key: text("encoding_aes_key"),
                mode: Mode::Safe,
                ..Account::default()
            };
            let random = hex::decode(text("random_hex")).unwrap().try_into().unwrap();
            let timestamp = text("timestamp").parse().unwrap();
            let fresh = Fresh { timestamp, nonce: text("nonce"), random };
            let openid = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";
            let request = account.request(text("plaintext"), openid, &fresh).unwrap();
            assert_eq!(request.query, text("query"), "{}", vector["id"]);
            assert_eq!(String::from_utf8(request.body).unwrap(), text("body"));
        }
    }

    #[test]
    fn what_is_sealed_opens_in_every_mode_and_format() {
        let fresh = Fresh { timestamp: 1_735_689_600, nonce: "1".into(), random: [7; 16] };
        for (format, body) in [(Format::Xml, "<xml><A>1</A></xml>"), (Format::Json, r#"{"A":1}"#)] {
            for (mode, sealed) in
                [(Mode::Plain, None), (Mode::Compatible, Some(body)), (Mode::Safe, Some(body))]
            {
                let account = Account { mode, format, ..Account::default() };
                let request = account.request(body, "o1", &fresh).unwrap();
                assert_eq!(account.unsealed(&request.body).as_deref(), sealed, "{mode} {format}");
            }
        }
    }
}
