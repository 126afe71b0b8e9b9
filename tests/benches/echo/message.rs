//! What the followers say: distinct, signed, and whole HTTP requests before the clock starts.

use sha1::{Digest, Sha1};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cipher::Cipher;

pub(crate) const PATH: &str = "/wechat";
pub(crate) const TOKEN: &str = "benchmarkToken";
pub(crate) const ACCOUNT: &str = "gh_5f0c1d2e3a4b";
pub(crate) const ECHOSTR: &str = "4375120948345356249";

/// How a body travels: as it is, or encrypted.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    Plain,
    Safe,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Mode::Plain => "plain",
            Mode::Safe => "safe",
        })
    }
}

/// Complete requests, one behind the other. No number is ever given to two messages.
pub(crate) struct Messages {
    cipher: Cipher,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    first: u64,
}

impl Messages {
    pub(crate) fn new() -> Messages {
        Messages { cipher: Cipher::new(), bytes: Vec::new(), ends: vec![0], first: 1 }
    }

    /// Replaces what is there by `count` new messages, signed now.
    pub(crate) fn write(&mut self, mode: Mode, count: u64) {
        self.first += self.len() as u64;
        self.bytes.clear();
        self.ends.truncate(1);
        let timestamp = now();
        for number in self.first..self.first + count {
            let request = request(mode, &self.cipher, number, timestamp);
            self.bytes.extend_from_slice(request.as_bytes());
            self.ends.push(self.bytes.len());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub(crate) fn request(&self, index: usize) -> &[u8] {
        &self.bytes[self.ends[index]..self.ends[index + 1]]
    }

    pub(crate) fn number(&self, index: usize) -> u64 {
        self.first + index as u64
    }
}

/// What the follower says in message `number`; the number comes first, so that no two agree.
pub(crate) fn text(number: u64) -> String {
    format!("{number:010} 请问你们周末的营业时间是几点到几点？谢谢！")
}

pub(crate) fn openid(number: u64) -> String {
    format!("oBENCH_{number:021}")
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("the clock is past 1970").as_secs()
}

/// The signature of protocol sections 1 and 6.3.
pub(crate) fn sign(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat()))
}

/// The GET by which WeChat tries a new endpoint.
pub(crate) fn handshake() -> String {
    let timestamp = now().to_string();
    let signature = sign(&[TOKEN, &timestamp, "1"]);
    let query = format!("signature={signature}&timestamp={timestamp}&nonce=1&echostr={ECHOSTR}");
    format!("GET {PATH}?{query} HTTP/1.1\r\nHost: bot.example.com\r\nConnection: close\r\n\r\n")
}

fn request(mode: Mode, cipher: &Cipher, number: u64, timestamp: u64) -> String {
    let (stamp, nonce, openid) = (timestamp.to_string(), nonce(number), openid(number));
    let signature = sign(&[TOKEN, &stamp, &nonce]);
    let query = format!("signature={signature}&timestamp={stamp}&nonce={nonce}&openid={openid}");
    let body = xml(number, timestamp);
    match mode {
        Mode::Plain => post(&query, &body),
        Mode::Safe => {
            let sealed = cipher.seal(number, &body);
            let signature = sign(&[TOKEN, &stamp, &nonce, &sealed]);
            let query = format!("{query}&encrypt_type=aes&msg_signature={signature}");
            post(&query, &envelope(&sealed))
        }
    }
}

/// As WeChat's own, down to its age-old user agent.
fn post(query: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {PATH}?{query} HTTP/1.1\r\n\
         User-Agent: Mozilla/4.0\r\n\
         Accept: */*\r\n\
         Host: bot.example.com\r\n\
         Pragma: no-cache\r\n\
         Connection: Keep-Alive\r\n\
         Content-Type: text/xml\r\n\
         Content-Length: {length}\r\n\r\n\
         {body}"
    )
}

/// Protocol section 3.1; about 345 bytes.
fn xml(number: u64, timestamp: u64) -> String {
    let (openid, text, id) = (openid(number), text(number), 24_871_000_000_000_000 + number);
    format!(
        "<xml>\n<ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n\
         <FromUserName><![CDATA[{openid}]]></FromUserName>\n\
         <CreateTime>{timestamp}</CreateTime>\n\
         <MsgType><![CDATA[text]]></MsgType>\n\
         <Content><![CDATA[{text}]]></Content>\n\
         <MsgId>{id}</MsgId>\n</xml>"
    )
}

/// Protocol section 2.2, safe.
fn envelope(sealed: &str) -> String {
    format!(
        "<xml>\n    <ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n    \
         <Encrypt><![CDATA[{sealed}]]></Encrypt>\n</xml>"
    )
}

/// Ten digits that look random; distinct for a billion messages, since the factor is coprime to it.
fn nonce(number: u64) -> String {
    (1_000_000_000 + number * 736_338_717 % 1_000_000_000).to_string()
}
