//! What redb's pages are written to, with what redb does not look after: a page that comes back from
//! the disk otherwise than it went there is an error, and so is a header that names an older commit
//! than it has.

use std::io::{Error, ErrorKind};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{BackendError, Database, StorageBackend};
use xxhash_rust::xxh3::xxh3_64;

use super::database::caught;
use super::untouched::Untouched;

/// Of redb.
const PAGE: u64 = 4096;

/// The checksums of pages by number, as far as they are known; 0 where they are not. They outlive
/// the database that is opened anew: what was read or written once is not believed otherwise.
pub(super) type Checksums = Arc<Mutex<Vec<u64>>>;

/// Pages on a disk that is not trusted.
#[derive(Debug)]
pub(super) struct Checked<B> {
    disk: Arc<B>,
    checksums: Checksums,
    /// What the header says first, until it is written.
    flags: Mutex<Flags>,
}

/// The header's byte of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flags {
    Unread,
    /// As they are on the disk.
    Right,
    /// They name the older of two commits; these name the newer.
    Wrong(u8),
}

impl<B: StorageBackend> Checked<B> {
    pub(super) fn new(disk: B, checksums: Checksums) -> Self {
        Self { disk: Arc::new(disk), checksums, flags: Mutex::new(Flags::Unread) }
    }

    /// Only one who has locked the file reads the header.
    fn read_flags(&self) -> Result<Flags, Error> {
        let mut flags = locked(&self.flags);
        if *flags == Flags::Unread {
            *flags = self.right_flags()?;
        }
        Ok(*flags)
    }

    /// A commit is written to one of two slots, and then the flags name this slot. If they name the
    /// older one, either the process died between, and the newer one may be whole or not; or the
    /// flags are damaged, and it is.
    fn right_flags(&self) -> Result<Flags, Error> {
        let mut header = [0; header::SIZE];
        if self.disk.len()? < header.len() as u64 {
            return Ok(Flags::Right);
        }
        self.disk.read(0, &mut header)?;
        let Some(flags) = header::naming_newer(&header) else { return Ok(Flags::Right) };
        let newer = Untouched::over(Arc::clone(&self.disk))?;
        newer.write(header::FLAGS as u64, &[flags])?;
        let whole = caught(|| {
            let mut builder = Database::builder();
            Ok(builder.set_check_integrity_on_open(true).create_with_backend(newer)?)
        });
        Ok(whole.map_or(Flags::Right, |_| Flags::Wrong(flags)))
    }
}

/// The numbers of the pages that are there as a whole, and where each begins.
fn whole_pages(offset: u64, length: usize) -> impl Iterator<Item = (usize, usize)> {
    let pages = offset.div_ceil(PAGE)..(offset + length as u64) / PAGE;
    pages.map(move |page| (page as usize, (page * PAGE - offset) as usize))
}

/// Never 0.
fn checksum(page: &[u8]) -> u64 {
    xxh3_64(&page[..PAGE as usize]).max(1)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<B: StorageBackend> StorageBackend for Checked<B> {
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.disk.read(offset, out)?;
        if offset <= header::FLAGS as u64
            && let Some(flags) = out.get_mut(header::FLAGS - offset as usize)
            && let Flags::Wrong(right) = self.read_flags()?
        {
            *flags = right;
        }
        let mut checksums = locked(&self.checksums);
        for (page, at) in whole_pages(offset, out.len()) {
            let found = checksum(&out[at..]);
            if checksums.len() <= page {
                checksums.resize(page + 1, 0);
            }
            match checksums[page] {
                0 => checksums[page] = found,
                known if known == found => {}
                _ => return Err(altered(page)),
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        // Not known before it is written, nor if that fails.
        let first = (offset / PAGE) as usize;
        let last = ((offset + data.len() as u64).div_ceil(PAGE)) as usize;
        {
            let mut checksums = locked(&self.checksums);
            if checksums.len() < last {
                checksums.resize(last, 0);
            }
            checksums[first..last].fill(0);
        }
        self.disk.write(offset, data)?;
        if offset <= header::FLAGS as u64 {
            *locked(&self.flags) = Flags::Right;
        }
        let mut checksums = locked(&self.checksums);
        for (page, at) in whole_pages(offset, data.len()) {
            checksums[page] = checksum(&data[at..]);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        locked(&self.checksums).truncate((length / PAGE) as usize);
        self.disk.set_len(length)
    }

    fn len(&self) -> Result<u64, Error> {
        self.disk.len()
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.disk.sync_data()
    }

    fn close(&self) -> Result<(), Error> {
        self.disk.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.disk.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.disk.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.disk.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.disk.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.disk.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.disk.query_lock_range(start, end)
    }
}

fn altered(page: usize) -> Error {
    Error::new(ErrorKind::InvalidData, format!("page {page} of the file"))
}

/// As much of the format of redb's header as is needed here.
mod header {
    pub(super) const SIZE: usize = 320;
    pub(super) const FLAGS: usize = 9;
    const PRIMARY: u8 = 1;
    const SLOTS: [usize; 2] = [64, 192];
    const TRANSACTION: usize = 104;

    /// The flags that would name the newer commit, if these name the older.
    pub(super) fn naming_newer(header: &[u8; SIZE]) -> Option<u8> {
        let primary = usize::from(header[FLAGS] & PRIMARY);
        let [named, other] = [primary, 1 - primary].map(|slot| transaction(header, SLOTS[slot]));
        (other > named).then_some(header[FLAGS] ^ PRIMARY)
    }

    fn transaction(header: &[u8; SIZE], slot: usize) -> u64 {
        let id = header[slot + TRANSACTION..].first_chunk().expect("a slot has 128 bytes");
        u64::from_le_bytes(*id)
    }
}
