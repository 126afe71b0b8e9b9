//! What is found in a file while it is read.

use std::fmt;
use std::ops::Range;

use wxbot_sdk::settings::Problem;

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

    /// What was read, or `None` and errors.
    pub(super) fn keep<T>(&mut self, read: Result<T, Vec<Problem>>) -> Option<T> {
        read.map_err(|errors| self.errors.extend(errors)).ok()
    }
}
