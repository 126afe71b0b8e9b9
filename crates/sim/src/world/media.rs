//! Files by media id: temporary media for three days, and permanent material (section 7.7).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use bytes::Bytes;

use crate::act::{Act, in_16k};

/// Three days.
pub(crate) const TEMPORARY: u64 = 3 * 86_400_000;
/// Beyond these, the oldest temporary file is dropped.
const CAPACITY: usize = 10_000;
const MOST_BYTES: usize = 512 << 20;

/// All files.
#[derive(Debug, Default)]
pub(crate) struct MediaLibrary {
    files: BTreeMap<String, MediaFile>,
    count: u64,
    /// Of all files.
    bytes: usize,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct MediaFile {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    /// Rises with each file.
    number: u64,
    /// Unix milliseconds.
    pub(crate) created: u64,
    /// Unix milliseconds; none for permanent material.
    pub(crate) expires: Option<u64>,
    /// Of a permanent video.
    pub(crate) title: String,
    /// Of a permanent video.
    pub(crate) introduction: String,
}

impl MediaFile {
    pub(crate) fn new(kind: &str, name: &str, bytes: impl Into<Bytes>, created: u64) -> Self {
        let (kind, name, bytes) = (kind.to_owned(), name.to_owned(), bytes.into());
        let (title, introduction) = Default::default();
        Self { kind, name, bytes, number: 0, created, expires: None, title, introduction }
    }

    /// Whether it can be used as this type: any picture may be a thumbnail.
    pub(crate) fn fits(&self, kind: &str) -> bool {
        self.kind == kind || (self.kind == "image" && kind == "thumb")
    }

    pub(crate) fn is_permanent(&self) -> bool {
        self.expires.is_none()
    }
}

impl MediaLibrary {
    /// Stores the media that a follower sends with an act.
    pub(crate) fn receive(&mut self, act: &Act, now: u64) {
        for (media_id, kind) in media_of(act) {
            let file = MediaFile::new(kind, &media_id, "from the phone", now);
            self.insert(&media_id, MediaFile { expires: Some(now + TEMPORARY), ..file });
        }
    }

    /// A file that has not expired.
    pub(crate) fn find(&self, media_id: &str, now: u64) -> Option<&MediaFile> {
        let file = self.files.get(media_id)?;
        file.expires.is_none_or(|expires| now < expires).then_some(file)
    }

    /// Permanent material of a type, newest first.
    pub(crate) fn permanent(&self, kind: &str) -> Vec<(&String, &MediaFile)> {
        let files = self.files.iter().filter(|(_, file)| file.is_permanent());
        let mut files: Vec<_> = files.filter(|(_, file)| file.kind == kind).collect();
        files.sort_by_key(|(_, file)| Reverse(file.number));
        files
    }

    pub(crate) fn insert(&mut self, media_id: &str, mut file: MediaFile) {
        self.count += 1;
        file.number = self.count;
        self.remove(media_id);
        self.bytes += file.bytes.len();
        self.files.insert(media_id.to_owned(), file);
        while (self.files.len() > CAPACITY || self.bytes > MOST_BYTES)
            && let Some(oldest) = self.oldest_temporary()
        {
            self.remove(&oldest);
        }
    }

    pub(crate) fn remove(&mut self, media_id: &str) {
        let removed = self.files.remove(media_id);
        self.bytes -= removed.map_or(0, |file| file.bytes.len());
    }

    fn oldest_temporary(&self) -> Option<String> {
        let temporary = self.files.iter().filter(|(_, file)| !file.is_permanent());
        let oldest = temporary.min_by_key(|(_, file)| file.number);
        oldest.map(|(media_id, _)| media_id.clone())
    }
}

/// The media of an act by MediaId, and their types.
fn media_of(act: &Act) -> Vec<(String, &'static str)> {
    match act {
        Act::Image { media_id, .. } => vec![(media_id.clone(), "image")],
        Act::Voice { media_id, .. } => {
            vec![(media_id.clone(), "voice"), (in_16k(media_id), "voice")]
        }
        Act::Video { media_id, thumb_media_id } | Act::ShortVideo { media_id, thumb_media_id } => {
            vec![(media_id.clone(), "video"), (thumb_media_id.clone(), "thumb")]
        }
        Act::MiniProgramPage { thumb_media_id, .. } => vec![(thumb_media_id.clone(), "thumb")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_push_the_oldest_temporary_ones_out() {
        let mut library = MediaLibrary::default();
        let bytes = Bytes::from(vec![0; 10 << 20]);
        let file =
            |expires| MediaFile { expires, ..MediaFile::new("image", "a", bytes.clone(), 0) };
        library.insert("kept", file(None));
        (0..60).for_each(|number| library.insert(&number.to_string(), file(Some(1))));
        assert_eq!(library.files.len(), 51, "512 MB");
        assert!(library.find("kept", 0).is_some() && library.find("59", 0).is_some());
        assert!(library.find("9", 0).is_none() && library.find("10", 0).is_some());
        library.remove("kept");
        assert_eq!(library.bytes, 500 << 20);
    }
}
