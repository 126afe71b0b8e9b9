//! WeChat's side, one request at a time: what `sim` signs, seals and opens, and what only tests send.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use wxbot_sim::{Account, Format, Fresh, Key, Mode};

pub use wxbot_sim::sign;

/// The account's original id in all fixtures.
pub const ACCOUNT: &str = "gh_5f0c1d2e3a4b";
/// The follower in all fixtures.
pub const FOLLOWER: &str = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";
/// The token of the bots that tests start.
pub const TOKEN: &str = "tokenALPHA1";
/// The app id of the bots that tests start.
pub const APP_ID: &str = "wx0123456789abcdef";
/// The EncodingAESKey of the bots that tests start.
pub const AES_KEY: &str = "Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM";

/// What stands in front of everything sealed.
const RANDOM: [u8; 16] = *b"0f1e2d3c4b5a6978";

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

/// A nonce that no other request of this process has.
pub fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

/// Signs requests for one account.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The account's token.
    pub token: String,
    /// The account's EncodingAESKey.
    pub aes_key: String,
    /// The account's app id.
    pub app_id: String,
    /// Unix seconds in the query.
    pub timestamp: u64,
    /// In the query.
    pub nonce: String,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            token: TOKEN.into(),
            aes_key: AES_KEY.into(),
            app_id: APP_ID.into(),
            timestamp: now(),
            nonce: nonce(),
        }
    }
}

impl Sender {
    /// The query of a plain request.
    pub fn query(&self) -> String {
        let (timestamp, nonce) = (self.timestamp.to_string(), &self.nonce);
        let signature = sign(&[&self.token, &timestamp, nonce]);
        format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={FOLLOWER}")
    }

    /// The query of a request with this `Encrypt`.
    pub fn sealed_query(&self, encrypt: &str) -> String {
        let timestamp = self.timestamp.to_string();
        let msg_signature = sign(&[&self.token, &timestamp, &self.nonce, encrypt]);
        format!("{}&encrypt_type=aes&msg_signature={msg_signature}", self.query())
    }

    /// `Encrypt` for a message.
    pub fn seal(&self, message: &str) -> String {
        self.key().seal(message, &self.app_id, RANDOM)
    }

    /// The same with this many whole blocks of padding too much, which WeChat never sends.
    pub fn seal_with_more_padding(&self, message: &str, blocks: usize) -> String {
        let length = u32::try_from(message.len()).expect("messages are short");
        let mut buffer = RANDOM.to_vec();
        buffer.extend(length.to_be_bytes());
        buffer.extend(message.as_bytes());
        buffer.extend(self.app_id.as_bytes());
        let padding = 32 - buffer.len() % 32 + 32 * blocks;
        buffer.resize(buffer.len() + padding, padding as u8);
        let length = buffer.len();
        let sealed = self.encryptor().encrypt_padded::<NoPadding>(&mut buffer, length);
        STANDARD.encode(sealed.expect("it is a whole number of blocks"))
    }

    /// Query and body of a request in safe mode.
    pub fn safe(&self, message: &str) -> (String, String) {
        self.request(message, Mode::Safe, Format::Xml)
    }

    /// Query and body of a request in compatible mode: both forms in one root.
    pub fn compatible(&self, message: &str) -> (String, String) {
        self.request(message, Mode::Compatible, Format::Xml)
    }

    /// The same two in the JSON data format.
    pub fn safe_json(&self, message: &str) -> (String, String) {
        self.request(message, Mode::Safe, Format::Json)
    }

    /// Query and body of a request in compatible mode in the JSON data format.
    pub fn compatible_json(&self, message: &str) -> (String, String) {
        self.request(message, Mode::Compatible, Format::Json)
    }

    fn request(&self, message: &str, mode: Mode, format: Format) -> (String, String) {
        let account = Account {
            token: self.token.clone(),
            app_id: self.app_id.clone(),
            encoding_aes_key: self.aes_key.clone(),
            original_id: ACCOUNT.into(),
            mode,
            format,
            ..Account::default()
        };
        let (timestamp, nonce) = (self.timestamp, self.nonce.clone());
        let fresh = Fresh { timestamp, nonce, random: RANDOM };
        let request = account.request(message, FOLLOWER, &fresh).expect("the key is one");
        (request.query, String::from_utf8(request.body).expect("it is text"))
    }

    /// Opens a sealed reply in the JSON envelope, in which only the TimeStamp is a number.
    #[track_caller]
    pub fn open_json(&self, envelope: &str) -> String {
        let envelope: serde_json::Value = serde_json::from_str(envelope).expect("it is JSON");
        let text = |name: &str| envelope[name].as_str().unwrap_or_else(|| panic!("no {name}"));
        let timestamp = envelope["TimeStamp"].as_u64().expect("a number").to_string();
        let (encrypt, nonce) = (text("Encrypt"), text("Nonce"));
        assert_eq!(nonce, self.nonce, "the request's nonce");
        let expected = sign(&[&self.token, &timestamp, nonce, encrypt]);
        assert_eq!(text("MsgSignature"), expected, "the reply's signature");
        self.open_encrypt(encrypt)
    }

    /// Opens a sealed reply: its signature is checked, and what is inside comes back.
    #[track_caller]
    pub fn open(&self, envelope: &str) -> String {
        let field = |name: &str| element(envelope, name).unwrap_or_else(|| panic!("no {name}"));
        let (encrypt, timestamp, nonce) = (field("Encrypt"), field("TimeStamp"), field("Nonce"));
        let expected = sign(&[&self.token, &timestamp, &nonce, &encrypt]);
        assert_eq!(field("MsgSignature"), expected, "the reply's signature");
        self.open_encrypt(&encrypt)
    }

    /// Opens an `Encrypt`.
    #[track_caller]
    pub fn open_encrypt(&self, encrypt: &str) -> String {
        self.key().open(encrypt, &self.app_id).unwrap_or_else(|error| panic!("{error}"))
    }

    fn key(&self) -> Key {
        Key::parse(&self.aes_key).expect("the key is one")
    }

    fn encryptor(&self) -> cbc::Encryptor<Aes256> {
        let lenient = GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let engine = GeneralPurpose::new(&alphabet::STANDARD, lenient);
        let key = engine.decode(&self.aes_key).expect("the key is base64");
        cbc::Encryptor::new_from_slices(&key, &key[..16]).expect("the lengths are right")
    }
}

/// The body of a text message, from a follower of one's choice.
pub fn text_from(openid: &str, content: &str) -> String {
    let (now, id, content) = (now(), nonce(), cdata(content));
    format!(
        "<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\
         <FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{now}</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content>{content}</Content>\
         <MsgId>{id}</MsgId></xml>"
    )
}

/// The body of a text message.
pub fn text(content: &str) -> String {
    text_from(FOLLOWER, content)
}

/// The body of an event.
pub fn event(name: &str, key: &str) -> String {
    let now = now();
    format!(
        "<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\
         <FromUserName><![CDATA[{FOLLOWER}]]></FromUserName><CreateTime>{now}</CreateTime>\
         <MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>\
         <EventKey><![CDATA[{key}]]></EventKey></xml>"
    )
}

/// The body of a text message in the JSON data format.
pub fn json_text(content: &str) -> String {
    let id: u64 = nonce().parse().expect("a nonce is a number");
    serde_json::json!({
        "ToUserName": ACCOUNT,
        "FromUserName": FOLLOWER,
        "CreateTime": now(),
        "MsgType": "text",
        "Content": content,
        "MsgId": id,
    })
    .to_string()
}

/// Known answers, made with other implementations or printed by WeChat (section 6.7).
pub fn crypto_vectors() -> serde_json::Value {
    let vectors = include_str!("../fixtures/crypto_vectors.json");
    serde_json::from_str(vectors).expect("the fixture is JSON")
}

/// A text as one or more CDATA sections.
pub fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// The text of the first element of this name: all of its CDATA sections, or else what stands
/// there up to the next tag.
pub fn element(xml: &str, name: &str) -> Option<String> {
    let (_, mut rest) = xml.split_once(&format!("<{name}>"))?;
    let mut text = String::new();
    while let Some(section) = rest.strip_prefix("<![CDATA[") {
        let (inside, behind) = section.split_once("]]>")?;
        text.push_str(inside);
        rest = behind;
    }
    let (bare, _) = rest.split_once("</")?;
    (text.is_empty() || bare.is_empty()).then(|| text + bare)
}
