//! Why WeChat refuses an answer (section 2.5), and what it cuts from one (section 5).

use serde::{Serialize, Serializer};

use crate::crypto::OpenError;
use crate::endpoint::Broken;
use crate::xml::Malformed;

/// Why WeChat shows its notice instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// No answer to the last delivery within 5 seconds (cause 1).
    #[error("there was no answer within 5 seconds")]
    TimedOut,
    /// The connection broke (cause 5).
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A status other than 200 (cause 5).
    #[error("the status is {0}")]
    Status(u16),
    /// Cause 2.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// A byte order mark or whitespace before the root (section 2.4).
    #[error("something stands before `<xml>`")]
    BeforeRoot,
    /// Cause 2.
    #[error("the body is JSON")]
    Json,
    /// Cause 2.
    #[error("the body is HTML")]
    Html,
    /// Cause 2.
    #[error("the body is neither XML nor `success`")]
    NotXml,
    /// Cause 2.
    #[error("the body is {0}")]
    Malformed(#[from] Malformed),
    /// An element is missing or empty (causes 2 and 3).
    #[error("`{0}` is missing or empty")]
    Missing(String),
    /// An unknown MsgType.
    #[error("there is no MsgType `{0}`")]
    Kind(String),
    /// Cause 4.
    #[error("`ToUserName` is `{0}`, not the follower")]
    Receiver(String),
    /// Cause 4.
    #[error("`FromUserName` is `{0}`, not the account's original id")]
    Sender(String),
    /// More than 2048 bytes.
    #[error("the text has {0} bytes, more than 2048")]
    TooLong(usize),
    /// Safe mode accepts no plaintext (cause 6).
    #[error("the reply is not sealed")]
    NotSealed,
    /// Plain mode accepts no ciphertext.
    #[error("the reply is sealed, and the account is in plain mode")]
    Sealed,
    /// Cause 6.
    #[error("`MsgSignature` is wrong")]
    Signature,
    /// Cause 6.
    #[error("`Encrypt` can't be decrypted: {0}")]
    Seal(#[from] OpenError),
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What WeChat cut from an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Articles were dropped.
    ArticlesCut {
        /// How many the bot sent.
        sent: usize,
        /// How many are shown.
        shown: usize,
    },
    /// A text was truncated.
    TextCut {
        /// How many bytes the bot sent.
        bytes: usize,
    },
}
