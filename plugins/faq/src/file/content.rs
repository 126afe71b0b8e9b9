//! What is in a file of questions and answers.

use crate::entry::Entry;

/// Its entries, and what else was seen.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) entries: Vec<Entry>,
    /// What is not read, and was probably meant to be.
    pub(crate) warnings: Vec<String>,
}
