//! The query of a request: what WeChat signs, and what it says about the body (protocol sections 1
//! and 2.1).

use std::borrow::Cow;

use super::refusal::Refusal;

/// What WeChat puts behind the `?`, percent-decoded. Other parameters are ignored.
#[derive(Debug, Default)]
pub struct Query<'q> {
    pub(super) signature: Option<Cow<'q, str>>,
    pub(super) timestamp: Option<Cow<'q, str>>,
    pub(super) nonce: Option<Cow<'q, str>>,
    pub(super) echostr: Option<Cow<'q, str>>,
    pub(super) encrypt_type: Option<Cow<'q, str>>,
    pub(super) msg_signature: Option<Cow<'q, str>>,
}

impl<'q> Query<'q> {
    /// Reads a raw query string. A parameter that comes twice is refused: it would be for us to
    /// choose which one was signed.
    pub fn parse(raw: &'q str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (name, value) in raw.split('&').filter_map(|pair| pair.split_once('=')) {
            let slot = match name {
                "signature" => &mut query.signature,
                "timestamp" => &mut query.timestamp,
                "nonce" => &mut query.nonce,
                "echostr" => &mut query.echostr,
                "encrypt_type" => &mut query.encrypt_type,
                "msg_signature" => &mut query.msg_signature,
                _ => continue,
            };
            if slot.replace(decoded(value)).is_some() {
                return Err(Refusal::Signature("ambiguous: a parameter comes twice"));
            }
        }
        Ok(query)
    }
}

/// Values seldom need decoding: signatures, times and nonces have nothing to encode.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return value.into();
    }
    let spaced = value.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned().into()
}
