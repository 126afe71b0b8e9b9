//! Signatures and AES as WeChat does them (sections 1 and 6).

use std::fmt;

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};

/// PKCS#7 with blocks of 32 bytes instead of AES's 16.
const PADDING_BLOCK: usize = 32;
/// 16 random bytes and the message's length.
const HEADER: usize = 20;

/// The last of a key's 43 characters has two unused bits, which are seldom zero.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The signature of these parts (sections 1 and 6.3): sorted by bytes, joined, SHA-1, 40 lower-case
/// hex digits.
pub fn sign(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat()))
}

/// An EncodingAESKey, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// Why a text is not an EncodingAESKey. The text itself is a secret and is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 43 characters of a-z, A-Z and 0-9, got {length} of which {wrong} are not")]
pub struct KeyError {
    length: usize,
    wrong: usize,
}

/// Why an `Encrypt` can't be decrypted (section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// -40010.
    #[error("`Encrypt` is not base64")]
    Base64,
    /// -40007.
    #[error("`Encrypt` is not a whole number of blocks")]
    Blocks,
    /// -40008.
    #[error("the plaintext is not a message: {0}")]
    Buffer(&'static str),
    /// -40005.
    #[error("the plaintext has another app id")]
    AppId,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

impl Key {
    /// Decodes an EncodingAESKey.
    pub fn parse(encoding_aes_key: &str) -> Result<Self, KeyError> {
        let wrong = encoding_aes_key.chars().filter(|c| !c.is_ascii_alphanumeric()).count();
        let refused = KeyError { length: encoding_aes_key.chars().count(), wrong };
        if wrong > 0 {
            return Err(refused);
        }
        let bytes = KEY_BASE64.decode(encoding_aes_key).map_err(|_| refused)?;
        bytes.try_into().map(Self).map_err(|_| refused)
    }

    /// Encrypts a message into an `Encrypt`.
    pub fn seal(&self, message: &str, app_id: &str, random: [u8; 16]) -> String {
        let length = u32::try_from(message.len()).expect("a message is shorter than 4 GiB");
        let mut buffer = random.to_vec();
        buffer.extend(length.to_be_bytes());
        buffer.extend(message.as_bytes());
        buffer.extend(app_id.as_bytes());
        let padding = PADDING_BLOCK - buffer.len() % PADDING_BLOCK;
        buffer.resize(buffer.len() + padding, padding as u8);
        let length = buffer.len();
        let sealed = self.encryptor().encrypt_padded::<NoPadding>(&mut buffer, length);
        STANDARD.encode(sealed.expect("the buffer is padded to whole blocks of 32 bytes"))
    }

    /// Decrypts an `Encrypt` into a message.
    pub fn open(&self, encrypt: &str, app_id: &str) -> Result<String, OpenError> {
        let mut sealed = STANDARD.decode(encrypt).map_err(|_| OpenError::Base64)?;
        let buffer = self.decryptor().decrypt_padded::<NoPadding>(&mut sealed);
        let content = unpad(buffer.map_err(|_| OpenError::Blocks)?)?;
        let (header, content) =
            content.split_at_checked(HEADER).ok_or(OpenError::Buffer("it is too short"))?;
        let length = header[16..].iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        let (message, trailer) =
            content.split_at_checked(length).ok_or(OpenError::Buffer("its length is wrong"))?;
        if trailer != app_id.as_bytes() {
            return Err(OpenError::AppId);
        }
        String::from_utf8(message.to_vec()).map_err(|_| OpenError::Buffer("it is not UTF-8"))
    }

    fn encryptor(&self) -> cbc::Encryptor<Aes256> {
        let key = &self.0;
        cbc::Encryptor::new_from_slices(key, &key[..16])
            .expect("AES-256 takes a key of 32 bytes and an IV of 16")
    }

    fn decryptor(&self) -> cbc::Decryptor<Aes256> {
        let key = &self.0;
        cbc::Decryptor::new_from_slices(key, &key[..16])
            .expect("AES-256 takes a key of 32 bytes and an IV of 16")
    }
}

fn unpad(buffer: &[u8]) -> Result<&[u8], OpenError> {
    let padding = usize::from(*buffer.last().ok_or(OpenError::Buffer("it is empty"))?);
    if !(1..=PADDING_BLOCK).contains(&padding) || padding > buffer.len() {
        return Err(OpenError::Buffer("its padding is wrong"));
    }
    let (content, padded) = buffer.split_at(buffer.len() - padding);
    let uniform = padded.iter().all(|byte| usize::from(*byte) == padding);
    if uniform { Ok(content) } else { Err(OpenError::Buffer("its padding is wrong")) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/crypto_vectors.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
        vector[name].as_str().unwrap_or_else(|| panic!("{}: {name}", vector["id"]))
    }

    fn opened(vector: &Value) -> Result<String, OpenError> {
        let key = Key::parse(text(vector, "encoding_aes_key")).unwrap();
        key.open(text(vector, "encrypt"), text(vector, "appid"))
    }

    fn msg_signature(vector: &Value) -> String {
        sign(&["token", "timestamp", "nonce", "encrypt"].map(|name| text(vector, name)))
    }

    #[test]
    fn what_others_sealed_opens_and_is_sealed_to_the_same_bytes() {
        let all = vectors();
        let ours = all["vectors"].as_array().unwrap();
        for vector in ours {
            let random = hex::decode(text(vector, "random_hex")).unwrap().try_into().unwrap();
            let key = Key::parse(text(vector, "encoding_aes_key")).unwrap();
            let sealed = key.seal(text(vector, "plaintext"), text(vector, "appid"), random);
            assert_eq!(sealed, text(vector, "encrypt"), "{}", vector["id"]);
            assert_eq!(opened(vector).as_deref(), Ok(text(vector, "plaintext")));
            assert_eq!(msg_signature(vector), text(vector, "msg_signature"));
        }
        assert_eq!(ours.len(), 12);
    }

    #[test]
    fn wechats_own_examples_are_reproduced() {
        let all = vectors();
        for vector in all["official_vectors"].as_array().unwrap() {
            if vector.get("signature").is_some() {
                let parts = ["token", "timestamp", "nonce"].map(|name| text(vector, name));
                assert_eq!(sign(&parts), text(vector, "signature"), "{}", vector["id"]);
            }
            if vector.get("encrypt").is_some() {
                assert_eq!(opened(vector).as_deref(), Ok(text(vector, "plaintext")));
                assert_eq!(msg_signature(vector), text(vector, "msg_signature"));
            }
        }
        for vector in all["plain_signature_vectors"].as_array().unwrap() {
            let parts = ["token", "timestamp", "nonce"].map(|name| text(vector, name));
            assert_eq!(sign(&parts), text(vector, "signature"));
        }
    }

    #[test]
    fn what_must_be_refused_is_refused() {
        let all = vectors();
        for vector in all["negative_vectors"].as_array().unwrap() {
            let signed = msg_signature(vector) == text(vector, "msg_signature");
            assert!(!signed || opened(vector).is_err(), "{}", vector["id"]);
        }
    }

    #[test]
    fn an_invalid_key_is_described_and_not_quoted() {
        let error = Key::parse("secret!").unwrap_err().to_string();
        assert_eq!(error, "expected 43 characters of a-z, A-Z and 0-9, got 7 of which 1 are not");
    }
}
