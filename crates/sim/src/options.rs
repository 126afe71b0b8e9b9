//! What the documents leave open, to be tried both ways.

use std::fmt;
use std::str::FromStr;

use crate::account::{AccountError, names};

/// How the simulation behaves where WeChat's documents do not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The query of a repeated delivery (section 2.6).
    pub repeats: Repeats,
    /// What follows an error status or a broken connection (section 2.5, cause 5).
    pub on_error: OnError,
    /// What becomes of a passive text above 2048 bytes (section 5.1).
    pub long_text: LongText,
    /// Everything random comes from it: the same seed is the same run.
    pub seed: u64,
}

/// The query of a repeated delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeats {
    /// The first delivery's, and the same bytes in the body.
    SameQuery,
    /// A new timestamp and nonce; what is sealed is sealed again.
    FreshQuery,
}

/// What follows an error status or a broken connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// The next delivery, as after a time-out.
    Retried,
    /// The notice.
    GivenUp,
}

/// What becomes of a passive text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongText {
    /// The notice.
    Notice,
    /// Its end is cut off.
    Cut,
}

impl Default for Options {
    /// The same query, retried, a notice, and seed 0.
    fn default() -> Self {
        Self {
            repeats: Repeats::SameQuery,
            on_error: OnError::Retried,
            long_text: LongText::Notice,
            seed: 0,
        }
    }
}

names!(Repeats: SameQuery = "same-query", FreshQuery = "fresh-query");
