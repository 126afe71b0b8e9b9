//! `wxbot.redb` and its folder: made for the bot's user alone, and taken for what it is. A file that
//! was there and is empty now is no new store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, StorageError};

use super::backend::{Checked, Checksums};
use super::database::{Opening, initialize};
use super::failure::Failure;
use super::untouched::Untouched;
use crate::open_error::OpenError;

/// Of the file.
pub(super) const NAME: &str = "wxbot.redb";
/// Bytes that redb may keep in memory.
const CACHE: usize = 16 << 20;

/// Makes what is missing, and takes others' right to read the file away.
pub(super) fn prepare(directory: &Path) -> Result<PathBuf, OpenError> {
    let dir = || directory.display().to_string();
    make_folder(directory).map_err(|cause| OpenError::Folder { dir: dir(), cause })?;
    let file = directory.join(NAME);
    let wrong = |failure: Failure| OpenError::File { dir: dir(), cause: failure.to_string() };
    match fs::metadata(&file) {
        Ok(found) if found.len() == 0 => return Err(OpenError::Emptied { dir: dir() }),
        Ok(_) => make_private(&file).map_err(|cause| OpenError::Private { dir: dir(), cause })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_file(&file).map_err(wrong)?;
        }
        Err(error) => return Err(wrong(io_failure(error))),
    }
    Ok(file)
}

/// Opens a file that is there; reads all of it, the first time.
pub(super) fn open(
    file: &Path,
    opening: Opening,
    checksums: &Checksums,
) -> Result<Database, DatabaseError> {
    match open_as(ConcurrencyMode::SingleWriter, file, opening, checksums) {
        // Not on every system can others read it meanwhile.
        Err(DatabaseError::Storage(StorageError::Unsupported)) => {
            open_as(ConcurrencyMode::ExclusiveWriter, file, opening, checksums)
        }
        opened => opened,
    }
}

/// Opens a file that another process writes, to read it.
pub(super) fn open_beside(file: &Path) -> Result<ReadOnlyDatabase, DatabaseError> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder.open_read_only(file)
}

/// Opens a file that may be damaged: it is not verified, and what changes stays in memory.
pub(super) fn open_untouched(file: &Path) -> Result<Database, DatabaseError> {
    let disk = Untouched::over(Arc::new(FileBackend::new(File::open(file)?)?))?;
    Database::builder().set_cache_size(CACHE).create_with_backend(disk)
}

fn open_as(
    mode: ConcurrencyMode,
    file: &Path,
    opening: Opening,
    checksums: &Checksums,
) -> Result<Database, DatabaseError> {
    let file = OpenOptions::new().read(true).write(true).open(file)?;
    if file.metadata()?.len() == 0 {
        return Err(StorageError::Corrupted("it was emptied".into()).into());
    }
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE).set_concurrency_mode(mode);
    builder.set_check_integrity_on_open(opening == Opening::First);
    builder.create_with_backend(Checked::new(FileBackend::new(file)?, Arc::clone(checksums)))
}

fn make_folder(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Makes a whole store under another name first: whoever dies meanwhile leaves no empty file.
fn make_file(file: &Path) -> Result<(), Failure> {
    let new = file.with_extension(format!("new-{}", std::process::id()));
    let made = make_as(&new, file);
    let _ = fs::remove_file(new);
    made
}

fn make_as(new: &Path, file: &Path) -> Result<(), Failure> {
    // What a process of the same id left behind.
    let _ = fs::remove_file(new);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let backend = FileBackend::new(options.open(new).map_err(io_failure)?)?;
    initialize(&Database::builder().create_with_backend(backend)?)?;
    match fs::hard_link(new, file) {
        Ok(()) => {}
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        // There are file systems without links.
        Err(_) => fs::rename(new, file).map_err(io_failure)?,
    }
    sync_folder(file).map_err(io_failure)
}

/// Or a loss of power takes the file's name away.
fn sync_folder(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn make_private(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(file, fs::Permissions::from_mode(mode & 0o700))?;
    tracing::warn!(file = %file.display(), "others could read the store; now they can't");
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> io::Result<()> {
    Ok(())
}

fn io_failure(error: io::Error) -> Failure {
    Failure::Database(redb::Error::Io(error))
}
