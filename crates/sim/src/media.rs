//! Files, by media id (section 7.7).

use std::collections::BTreeMap;

/// Three days, in milliseconds.
const TEMPORARY: u64 = 3 * 86_400_000;

#[derive(Debug, Default)]
pub(crate) struct Media {
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) kind: String,
    /// Unix milliseconds; permanent material has none.
    pub(crate) expires: Option<u64>,
}

impl Media {
    /// A file that a follower sent.
    pub(crate) fn receive(&mut self, media_id: &str, kind: &str, now: u64) {
        let file = File { kind: kind.to_owned(), expires: Some(now + TEMPORARY) };
        self.files.insert(media_id.to_owned(), file);
    }
}
