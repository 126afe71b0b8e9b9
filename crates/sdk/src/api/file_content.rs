//! The bytes of a file that is uploaded.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::fs::{self, File};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What is read at once.
const CHUNK: usize = 64 << 10;

/// The bytes of a file that is uploaded, read piece by piece: no more than a few pieces of 64 KiB are
/// in memory, however long it is.
///
/// Bytes and files can be read again, which takes place where WeChat turns the access token away. A
/// reader and a stream can be read once.
pub struct FileContent {
    length: u64,
    source: Source,
}

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

enum Source {
    Bytes(Bytes),
    Path(PathBuf),
    /// Until somebody reads it.
    Once(Mutex<Option<Chunks>>),
}

/// Why the bytes of an upload can't be had. The upload was not made then.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ContentError {
    /// The file or the stream failed.
    #[error("it can't be read: {0}")]
    Unreadable(Arc<io::Error>),
    /// There were fewer bytes than it was said to have.
    #[error("it ends after {came} of {said} bytes")]
    TooShort {
        /// How many there were to be.
        said: u64,
        /// How many there were.
        came: u64,
    },
    /// There were more bytes than it was said to have.
    #[error("it is longer than the {said} bytes that it was said to have")]
    TooLong {
        /// How many there were to be.
        said: u64,
    },
    /// A reader or a stream has to be read again, as WeChat turned the access token away. Make the
    /// call again with another one: it will have a new token.
    #[error("it was read once and can't be read again, as a file or bytes can")]
    ReadOnce,
    /// The reader or the stream gave nothing for this long.
    #[error("it gave nothing for {0:?}")]
    Stalled(std::time::Duration),
}

impl FileContent {
    /// A file on disk. It is opened when it is sent, and has to be as long as it is now.
    pub async fn file(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let metadata = fs::metadata(&path).await?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        Ok(Self { length: metadata.len(), source: Source::Path(path) })
    }

    /// So many bytes of a reader, which can be read once.
    pub fn reader(length: u64, reader: impl AsyncRead + Send + 'static) -> Self {
        Self::stream(length, chunks(reader))
    }

    /// So many bytes of a stream, which can be read once.
    pub fn stream(
        length: u64,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        let chunks: Chunks = Box::pin(chunks);
        Self { length, source: Source::Once(Mutex::new(Some(chunks))) }
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Begins to read, from the beginning.
    pub async fn open(&self) -> Result<ContentReader, ContentError> {
        let chunks: Chunks = match &self.source {
            Source::Bytes(bytes) => Box::pin(slices(bytes.clone())),
            Source::Path(path) => {
                let file = File::open(path).await;
                Box::pin(chunks(file.map_err(|error| ContentError::Unreadable(error.into()))?))
            }
            Source::Once(once) => {
                let taken = once.lock().unwrap_or_else(PoisonError::into_inner).take();
                taken.ok_or(ContentError::ReadOnce)?
            }
        };
        Ok(ContentReader { chunks, said: self.length, came: 0 })
    }
}

impl<B: Into<Bytes>> From<B> for FileContent {
    fn from(bytes: B) -> Self {
        let bytes = bytes.into();
        Self { length: bytes.len() as u64, source: Source::Bytes(bytes) }
    }
}

impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileContent({} bytes)", self.length)
    }
}

/// Reads a [`FileContent`], and holds it to its length.
pub struct ContentReader {
    chunks: Chunks,
    said: u64,
    came: u64,
}

impl ContentReader {
    /// The next piece, which is not empty; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ContentError> {
        while let Some(chunk) = self.chunks.next().await {
            let chunk = chunk.map_err(|error| ContentError::Unreadable(error.into()))?;
            self.came += chunk.len() as u64;
            if self.came > self.said {
                return Err(ContentError::TooLong { said: self.said });
            }
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        match self.came {
            came if came < self.said => Err(ContentError::TooShort { said: self.said, came }),
            _ => Ok(None),
        }
    }
}

fn slices(bytes: Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::iter((0..bytes.len()).step_by(CHUNK).map(move |start| {
        let end = bytes.len().min(start + CHUNK);
        Ok(bytes.slice(start..end))
    }))
}

fn chunks(reader: impl AsyncRead + Send + 'static) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(Box::pin(reader), async |mut reader| {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let came = (&mut reader).take(CHUNK as u64).read_buf(&mut chunk).await?;
        Ok((came > 0).then(|| (chunk.freeze(), reader)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whole(content: &FileContent) -> Result<Vec<u8>, ContentError> {
        let (mut reader, mut all) = (content.open().await?, Vec::new());
        while let Some(chunk) = reader.chunk().await? {
            assert!(chunk.len() <= CHUNK, "{} bytes at once", chunk.len());
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn bytes_and_files_are_read_again_and_a_reader_once() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
        let path = std::env::temp_dir().join(format!("wxbot-content-{}", std::process::id()));
        std::fs::write(&path, &bytes).unwrap();
        for content in [bytes.clone().into(), FileContent::file(&path).await.unwrap()] {
            assert_eq!(content.length(), 200_000);
            for _ in 0..2 {
                assert!(whole(&content).await.unwrap() == bytes);
            }
        }
        std::fs::remove_file(&path).unwrap();
        let reader = FileContent::reader(200_000, io::Cursor::new(bytes.clone()));
        assert!(whole(&reader).await.unwrap() == bytes);
        let again = whole(&reader).await.unwrap_err();
        assert!(matches!(again, ContentError::ReadOnce), "{again}");
    }

    #[tokio::test]
    async fn content_is_held_to_its_length() {
        let came = |said| async move {
            let chunks = [&b"tea"[..], b"", b" time"].map(|chunk| Ok(Bytes::from_static(chunk)));
            whole(&FileContent::stream(said, stream::iter(chunks))).await
        };
        assert_eq!(came(8).await.unwrap(), b"tea time");
        let short = came(9).await.unwrap_err().to_string();
        assert_eq!(short, "it ends after 8 of 9 bytes");
        let long = came(7).await.unwrap_err().to_string();
        assert_eq!(long, "it is longer than the 7 bytes that it was said to have");
    }

    #[tokio::test]
    async fn what_is_no_file_is_not_taken_for_one() {
        for path in [std::env::temp_dir(), "/nonexistent".into()] {
            FileContent::file(path).await.unwrap_err();
        }
    }
}
