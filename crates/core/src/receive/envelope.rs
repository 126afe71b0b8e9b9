//! Stop 2, open it: plain, compatible or safe, XML or JSON (protocol sections 2.1 to 2.3 and 6).

mod body;
mod xml;
mod json;
mod bounds;
mod seal;
#[cfg(test)]
mod tests;

use wxbot_sdk::fields::Fields;

use super::cipher::Key;
use super::refusal::{Refusal, SealError};
use super::signature::Verified;
use crate::account::{Account, Mode};

pub use self::body::{Format, read};
pub(crate) use self::seal::Seal;

/// A body that was opened.
pub(crate) struct Opened<'a> {
    pub(crate) fields: Fields,
    /// How to seal the reply; `None` when the request came in the clear.
    pub(crate) seal: Option<Seal<'a>>,
}

/// Opens a verified body, as the account's mode demands.
pub(crate) fn open<'a>(
    account: &'a Account,
    verified: &Verified<'a>,
    body: &[u8],
) -> Result<Opened<'a>, Refusal> {
    let (outer, format) = read(body)?;
    if !verified.announces_encryption() {
        return match account.mode {
            Mode::Safe => Err(Refusal::TooWeak(account.mode.as_str())),
            Mode::Plain | Mode::Compatible => Ok(Opened { fields: outer, seal: None }),
        };
    }
    if account.keys.is_empty() {
        // Compatible mode was switched on at WeChat first: the plain part is there too.
        return match outer.get("MsgType") {
            Some(_) => Ok(Opened { fields: outer, seal: None }),
            None => Err(SealError::NoKey.into()),
        };
    }
    let encrypt = outer.get("Encrypt").ok_or(SealError::Missing)?.trim();
    if !verified.covers(encrypt) {
        return Err(SealError::Signature.into());
    }
    let (key, message) = open_with_any_key(account, encrypt)?;
    let (fields, _) = read(&message)?;
    let seal = Seal { account, key, token: verified.token(), nonce: verified.nonce(), format };
    Ok(Opened { fields, seal: Some(seal) })
}

/// Tries the current key first, then the previous one; the first error is the one that tells.
fn open_with_any_key<'a>(
    account: &'a Account,
    encrypt: &str,
) -> Result<(&'a Key, Vec<u8>), SealError> {
    let mut first_error = None;
    for key in &account.keys {
        match key.open(encrypt, &account.app_id) {
            Ok(message) => return Ok((key, message)),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(SealError::NoKey))
}
