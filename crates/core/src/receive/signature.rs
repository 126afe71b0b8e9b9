//! Stop 1, is it WeChat? The query's signature (protocol sections 1 and 2.1).

use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::query::Query;
use super::refusal::Refusal;
use crate::account::Account;

/// A query that one of the account's tokens signed, in time. Only [`verify`] makes one.
#[derive(Debug)]
pub struct Verified<'a> {
    token: &'a SecretString,
    query: &'a Query<'a>,
    timestamp: &'a str,
    nonce: &'a str,
}

/// Turns a query into a [`Verified`] one, or refuses it.
///
/// `now` is in Unix seconds. Every token of the account is tried; each comparison takes the same
/// time wherever the first difference is.
pub fn verify<'a>(
    account: &'a Account,
    query: &'a Query<'a>,
    now: u64,
) -> Result<Verified<'a>, Refusal> {
    let (Some(signature), Some(timestamp), Some(nonce)) =
        (query.signature.as_deref(), query.timestamp.as_deref(), query.nonce.as_deref())
    else {
        return Err(Refusal::Signature("missing: signature, timestamp and nonce are needed"));
    };
    let token = account
        .tokens
        .iter()
        .find(|token| signs(signature, [token.expose_secret(), timestamp, nonce]))
        .ok_or(Refusal::Signature("wrong"))?;
    in_time(account, timestamp, now)?;
    Ok(Verified { token, query, timestamp, nonce })
}

fn in_time(account: &Account, timestamp: &str, now: u64) -> Result<(), Refusal> {
    let Some(allowed) = account.clock_skew else { return Ok(()) };
    let timestamp: u64 =
        timestamp.parse().map_err(|_| Refusal::Signature("over a timestamp that is no number"))?;
    let off = now.abs_diff(timestamp);
    if off > allowed.as_secs() { Err(Refusal::Stale { off, allowed }) } else { Ok(()) }
}

impl<'a> Verified<'a> {
    /// What the handshake sends back (section 1), verbatim.
    pub fn echostr(&self) -> Option<&'a str> {
        self.query.echostr.as_deref()
    }

    /// A hash of the timestamp and the nonce, which WeChat uses for one message: a part of their
    /// signature.
    pub(crate) fn hash(&self) -> u64 {
        let signature = self.query.signature.as_deref().unwrap_or_default();
        let part = signature.get(..16).and_then(|part| u64::from_str_radix(part, 16).ok());
        part.expect("a signature that was verified has 40 hex digits")
    }

    /// Whether the query announces an encrypted body (section 2.1).
    pub(crate) fn announces_encryption(&self) -> bool {
        let encrypt_type = self.query.encrypt_type.as_deref().unwrap_or_default();
        self.query.msg_signature.is_some() || !matches!(encrypt_type, "" | "raw")
    }

    /// Whether `msg_signature` covers this `Encrypt` text (section 6.3).
    pub(crate) fn covers(&self, encrypt: &str) -> bool {
        let parts = [self.token.expose_secret(), self.timestamp, self.nonce, encrypt];
        self.query.msg_signature.as_deref().is_some_and(|given| signs(given, parts))
    }

    /// The token that signed; the reply is signed with it too.
    pub(crate) fn token(&self) -> &'a SecretString {
        self.token
    }

    /// The request's nonce, which the reply's envelope repeats.
    pub(crate) fn nonce(&self) -> &'a str {
        self.nonce
    }
}

/// The signature over these parts: SHA-1 of them, sorted by bytes and joined (section 1), as 40
/// lower-case hex digits.
pub fn sign<const N: usize>(parts: [&str; N]) -> String {
    hex::encode(digest(parts))
}

fn digest<const N: usize>(mut parts: [&str; N]) -> [u8; 20] {
    parts.sort_unstable();
    let mut sha1 = Sha1::new();
    for part in parts {
        sha1.update(part);
    }
    sha1.finalize().into()
}

/// Compares digests, not texts: decoding the given one is cheaper than printing ours.
fn signs<const N: usize>(given: &str, parts: [&str; N]) -> bool {
    let mut given_digest = [0; 20];
    let lower = !given.bytes().any(|byte| byte.is_ascii_uppercase());
    let decoded = hex::decode_to_slice(given, &mut given_digest).is_ok();
    (lower && decoded) & bool::from(digest(parts).ct_eq(&given_digest))
}
