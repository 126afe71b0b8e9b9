//! What is found in a file while it is read.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use wxbot_sdk::settings::{Problem, Settings};

use super::misplaced;

/// What is wrong, and what is allowed and probably not meant.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Findings {
    /// Something is wrong there; without a place it is about the whole file.
    pub(super) fn error(&mut self, place: Option<Range<usize>>, message: impl fmt::Display) {
        self.errors.push(Problem { span: place, message: message.to_string() });
    }

    /// Something is probably not meant.
    pub(super) fn warn(&mut self, place: Option<Range<usize>>, message: impl fmt::Display) {
        self.warnings.push(Problem { span: place, message: message.to_string() });
    }

    /// What a table says but for what is wrong with it.
    pub(super) fn rest<T: DeserializeOwned>(&mut self, table: Settings) -> Option<T> {
        let (rest, errors) = table.read_rest();
        self.errors.extend(errors.into_iter().map(misplaced::hinted));
        rest
    }

    /// What was made, or `None` and errors.
    pub(super) fn keep<T>(&mut self, read: Result<T, Vec<Problem>>) -> Option<T> {
        read.map_err(|errors| self.errors.extend(errors)).ok()
    }
}
