//! One thing that WeChat tells the bot, and the requests that carry it (sections 2.1 and 2.2).

use serde_json::json;

use crate::account::{Account, AccountError, Format, Mode};
use crate::element::Element;
use crate::endpoint::Request;
use crate::wire::{Key, sign};

/// What is told, the same with each delivery.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// Whom it is about; in the body and in the query.
    pub(crate) openid: String,
    /// The number of the follower's act.
    pub(crate) act: Option<u64>,
    pub(crate) msg_id: Option<u64>,
    /// The body without a seal.
    pub(crate) body: String,
    pub(crate) nature: Nature,
}

/// What WeChat does with the answer (sections 2.5, 4 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    /// A message: an answer of one article at most.
    Message,
    /// An event that a follower sees answered.
    Chat,
    /// An event with no chat to show an answer or a notice in.
    Background,
}

/// Events that are answered in the chat (section 4).
const IN_CHAT: &[&str] = &[
    "subscribe",
    "scan",
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "location",
];

impl Nature {
    pub(crate) fn of_event(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if IN_CHAT.contains(&name.as_str()) { Self::Chat } else { Self::Background }
    }

    /// Of a body that somebody wrote by hand.
    pub(crate) fn of_raw(body: &str) -> Self {
        let fields = Element::read_xml(body).ok();
        let field = |name: &str| match &fields {
            Some(fields) => fields.child_text(name).map(str::to_owned),
            None => json_field(body, name),
        };
        match field("MsgType") {
            Some(kind) if kind == "event" => Self::of_event(&field("Event").unwrap_or_default()),
            _ => Self::Message,
        }
    }
}

fn json_field(body: &str, name: &str) -> Option<String> {
    let fields: serde_json::Value = serde_json::from_str(body).ok()?;
    fields[name].as_str().map(str::to_owned)
}

/// What is new with each request.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Unix seconds; in the query.
    pub timestamp: u64,
    /// In the query.
    pub nonce: String,
    /// Stands in front of what is sealed.
    pub random: [u8; 16],
}

impl Account {
    /// The request in which WeChat would deliver this body, signed and sealed as the account's
    /// mode says (sections 2.1 and 2.2).
    pub fn request(
        &self,
        body: impl Into<String>,
        openid: &str,
        fresh: &Fresh,
    ) -> Result<Request, AccountError> {
        let (body, openid) = (body.into(), openid.to_owned());
        let push = Push { openid, act: None, msg_id: None, body, nature: Nature::Message };
        Ok(request(self, self.key()?.as_ref(), &push, fresh))
    }

    /// What is sealed in a body, WeChat's or a bot's, XML or JSON, whoever signed it; nothing
    /// where nothing is sealed, or it does not open.
    pub fn unsealed(&self, body: &[u8]) -> Option<String> {
        let body = std::str::from_utf8(body).ok()?;
        let encrypt = match Element::read_xml(body) {
            Ok(fields) => fields.child_text("Encrypt")?.trim().to_owned(),
            Err(_) => json_field(body, "Encrypt")?,
        };
        self.key().ok()??.open(&encrypt, &self.app_id).ok()
    }
}

/// The request that carries a push.
pub(crate) fn request(account: &Account, key: Option<&Key>, push: &Push, fresh: &Fresh) -> Request {
    let timestamp = fresh.timestamp.to_string();
    let mut query = signed_query(account, fresh);
    query.push_str(&format!("&openid={}", push.openid));
    let encrypt = key
        .filter(|_| account.mode != Mode::Plain)
        .map(|key| key.seal(&push.body, &account.app_id, fresh.random));
    if let Some(encrypt) = &encrypt {
        let msg_signature = sign(&[&account.token, &timestamp, &fresh.nonce, encrypt]);
        query.push_str(&format!("&encrypt_type=aes&msg_signature={msg_signature}"));
    }
    let body = match encrypt {
        None => push.body.clone(),
        Some(encrypt) if account.mode == Mode::Safe => envelope(account, &encrypt),
        Some(encrypt) => both(account.format, &push.body, &encrypt),
    };
    let content_type = match account.format {
        Format::Xml => "text/xml",
        Format::Json => "application/json",
    };
    Request { method: "POST", query, content_type: Some(content_type), body: body.into_bytes() }
}

/// `signature`, `timestamp` and `nonce`, which each request has.
pub(crate) fn signed_query(account: &Account, fresh: &Fresh) -> String {
    let (timestamp, nonce) = (fresh.timestamp.to_string(), &fresh.nonce);
    let signature = sign(&[&account.token, &timestamp, nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

/// Safe mode: the receiver and the ciphertext.
fn envelope(account: &Account, encrypt: &str) -> String {
    let to = &account.original_id;
    match account.format {
        Format::Json => json!({ "ToUserName": to, "Encrypt": encrypt }).to_string(),
        Format::Xml => format!(
            "<xml>\n    <ToUserName><![CDATA[{to}]]></ToUserName>\n    \
             <Encrypt><![CDATA[{encrypt}]]></Encrypt>\n</xml>\n"
        ),
    }
}

/// Compatible mode: both in one root. What does not end as it should gets nothing.
fn both(format: Format, body: &str, encrypt: &str) -> String {
    let (end, sealed) = match format {
        Format::Xml => ("</xml>", format!("<Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>")),
        Format::Json => ("}", format!(",\"Encrypt\":\"{encrypt}\"}}")),
    };
    match body.trim_end().strip_suffix(end) {
        Some(inside) => format!("{inside}{sealed}"),
        None => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> serde_json::Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/crypto_vectors.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Query and body of the known answers, byte for byte.
    #[test]
    fn a_safe_push_is_the_known_one() {
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
            let push = Push {
                openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
                act: None,
                msg_id: None,
                body: text("plaintext"),
                nature: Nature::Message,
            };
            let random = hex::decode(text("random_hex")).unwrap().try_into().unwrap();
            let timestamp = text("timestamp").parse().unwrap();
            let fresh = Fresh { timestamp, nonce: text("nonce"), random };
            let request = request(&account, account.key().unwrap().as_ref(), &push, &fresh);
            assert_eq!(request.query, text("query"), "{}", vector["id"]);
            assert_eq!(String::from_utf8(request.body).unwrap(), text("body"));
        }
    }

    #[test]
    fn what_is_sealed_opens_in_every_mode_and_format() {
        let fresh = Fresh { timestamp: 1_735_689_600, nonce: "1".into(), random: [7; 16] };
        for (format, said) in [(Format::Xml, "<xml><A>1</A></xml>"), (Format::Json, r#"{"A":1}"#)] {
            for (mode, sealed) in
                [(Mode::Plain, None), (Mode::Compatible, Some(said)), (Mode::Safe, Some(said))]
            {
                let account = Account { mode, format, ..Account::default() };
                let request = account.request(said, "o1", &fresh).unwrap();
                assert_eq!(account.unsealed(&request.body).as_deref(), sealed, "{mode} {format}");
            }
        }
    }

    #[test]
    fn what_stands_in_a_raw_body_decides_what_becomes_of_the_answer() {
        let rows = [
            ("<xml><MsgType>text</MsgType></xml>", Nature::Message),
            ("<xml><MsgType>event</MsgType><Event>SCAN</Event></xml>", Nature::Chat),
            ("<xml><MsgType>event</MsgType><Event>VIEW</Event></xml>", Nature::Background),
            (r#"{"MsgType":"event","Event":"unsubscribe"}"#, Nature::Background),
            ("broken", Nature::Message),
        ];
        for (body, nature) in rows {
            assert_eq!(Nature::of_raw(body), nature, "{body}");
        }
    }
}
