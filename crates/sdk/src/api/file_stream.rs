//! A file that WeChat sends, while it comes.

use std::fmt;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{Stream, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::error::ApiError;
use super::partial_file::{PartialFile, SaveError};

/// What a call for a file is answered with.
#[derive(Debug)]
pub enum Fetched {
    /// The file.
    File(FileStream),
    /// JSON that is no refusal, as for a video, which is somewhere else.
    Json(Value),
}

/// A file from WeChat's servers, while it comes: a [`Stream`] of its pieces.
///
/// One piece is in memory at a time. Whoever reads slowly slows WeChat down, and loses nothing. The
/// connection, and one of the account's places for files, are held until it is dropped or read to its
/// end.
pub struct FileStream {
    /// For example `image/jpeg`; empty where WeChat did not say.
    pub content_type: String,
    /// From the Content-Disposition.
    pub filename: Option<String>,
    /// How long it is; none where WeChat did not say. Then a connection that breaks may look like the
    /// end.
    pub length: Option<u64>,
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, ApiError>> + Send>>,
}

impl FileStream {
    /// Of these pieces; the last one is an error where the file is not whole.
    pub fn new(chunks: impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static) -> Self {
        let (content_type, filename, length) = Default::default();
        Self { content_type, filename, length, chunks: Box::pin(chunks) }
    }

    /// The next piece; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ApiError> {
        self.chunks.next().await.transpose()
    }

    /// All of it, in memory. Its length is one that whoever asked for it allowed.
    pub async fn whole(mut self) -> Result<Bytes, ApiError> {
        let length = self.length.and_then(|length| usize::try_from(length).ok());
        let mut all = BytesMut::with_capacity(length.unwrap_or_default());
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Writes it where it is wanted, and says how many bytes that were.
    pub async fn write_to(
        mut self,
        writer: &mut (impl AsyncWrite + Unpin),
    ) -> Result<u64, SaveError> {
        let mut written = 0;
        while let Some(chunk) = self.chunk().await? {
            writer.write_all(&chunk).await?;
            written += chunk.len() as u64;
        }
        writer.flush().await?;
        Ok(written)
    }

    /// Writes it into a file, and says how many bytes that were. The file has its name only once it
    /// is whole and on the disk; until then it has another one in the same folder, and if anything
    /// fails it is gone. What is no regular file, such as a pipe, is written to as it comes.
    pub async fn save(self, path: impl AsRef<Path>) -> Result<u64, SaveError> {
        let mut file = PartialFile::create(path.as_ref()).await?;
        let written = self.write_to(file.writer()).await?;
        file.finish().await?;
        Ok(written)
    }
}

impl Stream for FileStream {
    type Item = Result<Bytes, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for FileStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_type, filename, length, .. } = self;
        write!(f, "FileStream({content_type:?}, {filename:?}, {length:?} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::{fs, io};

    use futures_util::stream;

    use super::*;

    /// An empty folder, gone at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let name = format!("wxbot-save-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(&self.0).unwrap();
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn broken() -> ApiError {
        ApiError::Unsupported { path: "/x".into() }
    }

    fn file(pieces: Vec<Result<&'static str, ApiError>>) -> FileStream {
        FileStream::new(stream::iter(pieces.into_iter().map(|piece| piece.map(Bytes::from))))
    }

    #[tokio::test]
    async fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let folder = Folder::new("whole");
        let path = folder.0.join("tea.jpg");
        fs::write(&path, "older").unwrap();
        let error = file(vec![Ok("te"), Err(broken())]).save(&path).await.unwrap_err();
        assert!(matches!(error, SaveError::Api(_)), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "older");
        assert_eq!(folder.names(), ["tea.jpg"], "half a file is removed");
        assert_eq!(file(vec![Ok("te"), Ok("a")]).save(&path).await.unwrap(), 3);
        assert_eq!(fs::read_to_string(&path).unwrap(), "tea");
        assert_eq!(folder.names(), ["tea.jpg"]);
    }

    #[tokio::test]
    async fn whoever_stops_waiting_leaves_no_half_file() {
        let folder = Folder::new("stopped");
        let pieces = stream::iter([Ok(Bytes::from("te"))]);
        let stuck = FileStream::new(pieces.chain(stream::pending()));
        let saving = stuck.save(folder.0.join("tea.jpg"));
        let mut saving = Box::pin(saving);
        while folder.names().is_empty() {
            assert!(futures_util::poll!(&mut saving).is_pending());
            tokio::task::yield_now().await;
        }
        drop(saving);
        assert_eq!(folder.names(), [""; 0]);
    }

    #[tokio::test]
    async fn a_link_leads_to_the_file_as_before() {
        let folder = Folder::new("link");
        let (path, link) = (folder.0.join("tea.jpg"), folder.0.join("link.jpg"));
        fs::write(&path, "older").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        file(vec![Ok("tea")]).save(&link).await.unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "tea");
    }

    #[tokio::test]
    async fn a_file_is_as_private_as_the_one_it_replaces_however_long_its_name() {
        let folder = Folder::new("private");
        let path = folder.0.join("茶".repeat(85));
        fs::write(&path, "older").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        file(vec![Ok("tea")]).save(&path).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "tea");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_full_disk_is_an_error_and_no_file_is_put_in_the_place_of_a_device() {
        let error = file(vec![Ok("tea")]).save("/dev/full").await.unwrap_err();
        let SaveError::Write(error) = error else { panic!("{error:?}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(!fs::metadata("/dev/full").unwrap().is_file());
        let error = file(vec![Ok("tea")]).save("/nonexistent/tea.jpg").await.unwrap_err();
        assert!(matches!(error, SaveError::Write(_)), "{error}");
    }
}
