//! The encryption of protocol section 6, from WeChat's side and apart from wxbot's own.

use aes::Aes256;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};

pub(crate) const APP_ID: &str = "wx0123456789abcdef";
/// Ends, as most real keys do, in a character with surplus bits.
pub(crate) const ENCODING_AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

pub(crate) struct Cipher {
    key: [u8; 32],
    iv: [u8; 16],
}

impl Cipher {
    pub(crate) fn new() -> Cipher {
        let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
        let key = GeneralPurpose::new(&alphabet::STANDARD, config)
            .decode(format!("{ENCODING_AES_KEY}="))
            .expect("the key is base64");
        let mut iv = [0; 16];
        iv.copy_from_slice(&key[..16]);
        Cipher { key: key.try_into().expect("43 characters are 32 bytes"), iv }
    }

    /// The content of `Encrypt`; the number stands in for the 16 random bytes.
    pub(crate) fn seal(&self, number: u64, text: &str) -> String {
        let mut buffer = format!("{number:016}").into_bytes();
        buffer.extend_from_slice(&(text.len() as u32).to_be_bytes());
        buffer.extend_from_slice(text.as_bytes());
        buffer.extend_from_slice(APP_ID.as_bytes());
        let pad = 32 - buffer.len() % 32;
        buffer.resize(buffer.len() + pad, pad as u8);
        let length = buffer.len();
        cbc::Encryptor::<Aes256>::new(&self.key.into(), &self.iv.into())
            .encrypt_padded::<NoPadding>(&mut buffer, length)
            .expect("the buffer is whole blocks");
        STANDARD.encode(buffer)
    }

    /// The text inside the content of an `Encrypt`.
    pub(crate) fn open(&self, sealed: &str) -> Result<String> {
        let mut buffer = STANDARD.decode(sealed)?;
        let opened = cbc::Decryptor::<Aes256>::new(&self.key.into(), &self.iv.into())
            .decrypt_padded::<NoPadding>(&mut buffer)
            .ok()
            .context("the ciphertext is not whole blocks")?;
        let pad = *opened.last().context("the ciphertext is empty")? as usize;
        let length = opened.len().checked_sub(pad).context("the padding is too long")?;
        let (head, rest) = opened[..length].split_at_checked(20).context("too short")?;
        let size = u32::from_be_bytes([head[16], head[17], head[18], head[19]]) as usize;
        let (text, app_id) = rest.split_at_checked(size).context("the length is too long")?;
        ensure!(app_id == APP_ID.as_bytes(), "the app id is not `{APP_ID}`");
        Ok(String::from_utf8(text.to_vec())?)
    }
}
