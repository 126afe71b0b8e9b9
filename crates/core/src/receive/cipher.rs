//! AES as WeChat does it (protocol section 6). Nothing else in wxbot knows a cipher.

use std::fmt;

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use super::refusal::SealError;

/// WeChat pads to 32 bytes, not to AES's 16: library unpadding refuses half of all messages.
const PADDING_BLOCK: usize = 32;
/// 16 random bytes and the length.
const HEADER: usize = 20;

/// An EncodingAESKey has 43 characters, so its last one carries two bits that mean nothing and
/// are seldom zero.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);
/// Messages go through the fastest there is: it is four times as fast as the other, and a message
/// has 600 characters to read and as many to write.
const BASE64: base64_simd::Base64 = base64_simd::STANDARD;

/// An EncodingAESKey with its key schedules, made once per account.
pub struct Key {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    iv: [u8; 16],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

/// Why a text is not an EncodingAESKey. The text itself is a secret and is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too short or too long.
    #[error("an EncodingAESKey has 43 characters, this one has {0}")]
    Length(usize),
    /// Characters that base64 does not have.
    #[error("an EncodingAESKey has only the characters a-z, A-Z and 0-9")]
    Characters,
}

impl Key {
    /// Reads an EncodingAESKey; blanks around it are ignored.
    pub fn parse(encoding_aes_key: &str) -> Result<Self, KeyError> {
        let text = encoding_aes_key.trim();
        if text.len() != 43 {
            return Err(KeyError::Length(text.chars().count()));
        }
        let bytes = KEY_BASE64.decode(text).map_err(|_| KeyError::Characters)?;
        let key: [u8; 32] = bytes.try_into().map_err(|_| KeyError::Characters)?;
        let iv = *key.first_chunk::<16>().expect("32 bytes have a first 16");
        Ok(Self { encrypt: Aes256Enc::new(&key.into()), decrypt: Aes256Dec::new(&key.into()), iv })
    }

    /// Opens an `Encrypt` text whose `msg_signature` was right, and returns the message in it.
    pub fn open(&self, encrypt: &str, app_id: &str) -> Result<Vec<u8>, SealError> {
        let mut buffer = BASE64.decode_to_vec(encrypt).map_err(|_| SealError::Base64)?;
        if buffer.len() < PADDING_BLOCK || !buffer.len().is_multiple_of(16) {
            return Err(SealError::Length);
        }
        let decryptor = cbc::Decryptor::inner_iv_init(&self.decrypt, &self.iv.into());
        decryptor.decrypt_padded::<NoPadding>(&mut buffer).map_err(|_| SealError::Length)?;
        let (message, sender) = split(unpad(&buffer)?)?;
        if sender != app_id.as_bytes() {
            return Err(SealError::AppId);
        }
        let end = HEADER + message.len();
        buffer.truncate(end);
        buffer.drain(..HEADER);
        Ok(buffer)
    }

    /// Seals a message into an `Encrypt` text. `random` begins the buffer: fresh for each one.
    pub fn seal(&self, random: [u8; 16], message: &[u8], app_id: &str) -> String {
        let length = u32::try_from(message.len()).expect("a reply has less than 4 GiB");
        let used = HEADER + message.len() + app_id.len();
        let padding = PADDING_BLOCK - used % PADDING_BLOCK;
        let mut buffer = Vec::with_capacity(used + padding);
        buffer.extend_from_slice(&random);
        buffer.extend_from_slice(&length.to_be_bytes());
        buffer.extend_from_slice(message);
        buffer.extend_from_slice(app_id.as_bytes());
        buffer.resize(used + padding, padding as u8);
        let length = buffer.len();
        let encryptor = cbc::Encryptor::inner_iv_init(&self.encrypt, &self.iv.into());
        let sealed = encryptor
            .encrypt_padded::<NoPadding>(&mut buffer, length)
            .expect("the buffer is a whole number of blocks");
        BASE64.encode_to_string(sealed)
    }
}

/// All padding bytes are checked, without stopping at the first wrong one.
fn unpad(buffer: &[u8]) -> Result<&[u8], SealError> {
    let padding = usize::from(*buffer.last().ok_or(SealError::Buffer)?);
    if padding == 0 || padding > PADDING_BLOCK || padding > buffer.len() {
        return Err(SealError::Buffer);
    }
    let (content, tail) = buffer.split_at(buffer.len() - padding);
    let wrong = tail.iter().fold(0, |wrong, byte| wrong | (byte ^ padding as u8));
    if wrong == 0 { Ok(content) } else { Err(SealError::Buffer) }
}

/// `random(16) | length(4) | message | app id` → message and app id.
fn split(content: &[u8]) -> Result<(&[u8], &[u8]), SealError> {
    let rest = content.get(HEADER..).ok_or(SealError::Buffer)?;
    let length = content[16..HEADER].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    rest.split_at_checked(length).ok_or(SealError::Buffer)
}
