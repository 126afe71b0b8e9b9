//! Why a request is turned away. The text is for the operator's log; WeChat sees a status.

use std::time::Duration;

/// One request that is not answered. `wxbot-server` has the table from variant to status.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No token of the account signs this query. 403.
    #[error("the signature is {0}")]
    Signature(&'static str),
    /// Signed, but too long ago or too far ahead: a replay, or a wrong clock. 403.
    #[error("the timestamp is {off} s from this machine's clock, more than {} s", allowed.as_secs())]
    Stale {
        /// How far, in seconds.
        off: u64,
        /// What `[server] clock_skew` allows.
        allowed: Duration,
    },
    /// Weaker than the account's `mode`. 403.
    #[error("a plain message, but the account's mode is `{0}`")]
    TooWeak(&'static str),
    /// The encrypted part is not WeChat's, or not for this account. 403, whatever the reason.
    #[error("the encrypted message can't be opened: {0}")]
    Sealed(#[from] SealError),
    /// Addressed to another account than `original_id`. 403.
    #[error(
        "the message is for another account (its ToUserName is not this account's original_id)"
    )]
    Misdirected,
    /// The query was used for another message: somebody saw it, and the signature of plain mode
    /// does not cover the body. 403.
    #[error("timestamp and nonce were used for another message before (`bind_queries`)")]
    Reused,
    /// Signed, but not a message. 400.
    #[error("the body is not understood: {0}")]
    NotUnderstood(#[from] BodyError),
    /// More than the endpoint takes. 413.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// The body did not come in time. 408.
    #[error("the body did not arrive within {} s", within.as_secs())]
    TooSlow {
        /// The deadline of the whole body.
        within: Duration,
    },
    /// The connection broke while the body was read. 400.
    #[error("the body was cut off")]
    CutOff,
    /// A compressed body; WeChat never sends one. 415.
    #[error("the body has a Content-Encoding")]
    Encoded,
}

impl Refusal {
    /// What it was refused for in one word, the same for all that differ in numbers only.
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Signature(_) => "signature",
            Self::Stale { .. } => "stale",
            Self::TooWeak(_) => "too_weak",
            Self::Sealed(_) => "sealed",
            Self::Misdirected => "misdirected",
            Self::Reused => "reused",
            Self::NotUnderstood(_) => "not_understood",
            Self::TooLarge { .. } => "too_large",
            Self::TooSlow { .. } => "too_slow",
            Self::CutOff => "cut_off",
            Self::Encoded => "encoded",
        }
    }
}

/// Why the encrypted part was not opened (protocol section 6.5). For the log only: outside, all
/// of them look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is nothing to open.
    #[error("it has no Encrypt element")]
    Missing,
    /// The account has no `encoding_aes_key`.
    #[error("the account has no encoding_aes_key")]
    NoKey,
    /// -40001
    #[error("msg_signature is missing or wrong")]
    Signature,
    /// -40010
    #[error("Encrypt is not base64")]
    Base64,
    /// -40007
    #[error("the length is not a whole number of blocks")]
    Length,
    /// -40008
    #[error("the padding or the length inside is wrong")]
    Buffer,
    /// -40005
    #[error("it is for another app_id")]
    AppId,
}

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Nothing, or nothing but blanks.
    #[error("it is empty")]
    Empty,
    /// Neither `<` nor `{` first.
    #[error("it begins neither like XML nor like JSON")]
    NeitherXmlNorJson,
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    Utf8,
    /// Not well-formed XML.
    #[error("it is not well-formed XML: {0}")]
    Xml(String),
    /// Not JSON, or not an object.
    #[error("it is not a JSON object: {0}")]
    Json(String),
    /// A DTD, a processing instruction or a second root.
    #[error("it holds {0}, which no message has")]
    Forbidden(&'static str),
    /// More of something than any message has.
    #[error("it has more than {limit} {what}")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many are taken.
        limit: usize,
    },
    /// Two elements where only one can be meant.
    #[error("{0} is there twice")]
    Twice(&'static str),
    /// No MsgType (and no InfoType).
    #[error(transparent)]
    MissingKind(#[from] wxbot_sdk::message::MissingKind),
}
