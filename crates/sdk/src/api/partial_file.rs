//! A file that gets its name when it is whole.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

use tokio::fs::{self, File, OpenOptions};

use super::error::ApiError;

/// Why a file was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It did not come.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// It can't be written: the disk is full, for example.
    #[error("the file can't be written")]
    Write(#[from] io::Error),
}

/// A file under a name of its own, until it is whole. Dropped before, it is removed.
pub(super) struct PartialFile {
    file: File,
    /// Where it is, and where it belongs; none where it is written in place.
    names: Option<(PathBuf, PathBuf)>,
}

impl PartialFile {
    pub(super) async fn create(path: &Path) -> io::Result<Self> {
        // What a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).await.unwrap_or_else(|_| path.to_owned());
        if fs::metadata(&path).await.is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(&path).await?;
            return Ok(Self { file, names: None });
        }
        path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        // Without the name, which may be as long as a name can be.
        let partial = path.with_file_name(format!(".wxbot-{:x}.part", unique()));
        // Not awaited: whoever stopped waiting meanwhile would leave a file that nobody removes.
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&partial)?;
        Ok(Self { file: file.into(), names: Some((partial, path)) })
    }

    pub(super) fn writer(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives it its name once its bytes are on the disk.
    pub(super) async fn finish(mut self) -> io::Result<()> {
        let Some((partial, path)) = &self.names else { return Ok(()) };
        // Who could not read the file that was there can't read the new one.
        if let Ok(replaced) = fs::metadata(path).await {
            self.file.set_permissions(replaced.permissions()).await?;
        }
        self.file.sync_all().await?;
        fs::rename(partial, path).await?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        self.names = None;
        // A folder can't be opened or synced everywhere, and the file has its name.
        if let Ok(folder) = File::open(folder).await {
            let _ = folder.sync_all().await;
        }
        Ok(())
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if let Some((partial, _)) = &self.names {
            let _ = std::fs::remove_file(partial);
        }
    }
}

/// Another number each time, in every process: one that was killed may have left its file.
fn unique() -> u64 {
    RandomState::new().build_hasher().finish()
}
