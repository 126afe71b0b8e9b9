//! What WeChat's documents leave open: a test should try each both ways.

use crate::names::names;

/// How the simulation behaves where WeChat's documents do not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The query of a repeated delivery (section 2.6).
    pub repeats: Repeats,
    /// What follows an error status or a broken connection (section 2.5, cause 5).
    pub on_error: OnError,
    /// What happens to a passive text of more than 2048 bytes (section 5.1).
    pub long_text: LongText,
    /// Seeds all randomness: the same seed makes the same run.
    pub seed: u64,
}

/// The query of a repeated delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeats {
    /// The first delivery's query and body, byte for byte.
    SameQuery,
    /// A new timestamp and nonce; the body is encrypted anew.
    FreshQuery,
}

/// What follows an error status or a broken connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// The next delivery, as after a timeout.
    Retried,
    /// The notice.
    GivenUp,
}

/// What happens to a passive text that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongText {
    /// The notice.
    Notice,
    /// It is truncated.
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
