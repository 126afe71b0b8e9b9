//! A disk that is opened as if it could be written: what changes stays in memory.

use std::collections::HashMap;
use std::io::{self, Error};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// A damaged file is evidence, and may be all there is: it is looked at through this.
#[derive(Debug)]
pub(super) struct Untouched<B> {
    disk: Arc<B>,
    changes: Mutex<Changes>,
}

#[derive(Debug)]
struct Changes {
    /// Of the disk, where nothing was changed.
    from: u64,
    length: u64,
    /// By number.
    pages: HashMap<u64, [u8; PAGE]>,
}

const PAGE: usize = 4096;

impl<B: StorageBackend> Untouched<B> {
    pub(super) fn over(disk: Arc<B>) -> io::Result<Self> {
        let length = disk.len()?;
        let changes = Changes { from: length, length, pages: HashMap::new() };
        Ok(Self { disk, changes: Mutex::new(changes) })
    }

    /// A page as it is now, whole or not.
    fn page(&self, changes: &Changes, number: u64) -> Result<[u8; PAGE], Error> {
        if let Some(page) = changes.pages.get(&number) {
            return Ok(*page);
        }
        let (mut page, start) = ([0; PAGE], number * PAGE as u64);
        let there = changes.from.saturating_sub(start).min(PAGE as u64) as usize;
        self.disk.read(start, &mut page[..there])?;
        Ok(page)
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parts of pages that so many bytes from there are in: page, start in it, length.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let (mut at, end) = (offset, offset + length as u64);
    std::iter::from_fn(move || {
        let (page, start) = (at / PAGE as u64, (at % PAGE as u64) as usize);
        let length = (PAGE - start).min((end - at) as usize);
        at += length as u64;
        (length > 0).then_some((page, start, length))
    })
}

impl<B: StorageBackend> StorageBackend for Untouched<B> {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.lock().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let changes = self.lock();
        if offset + out.len() as u64 > changes.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        for (page, start, length) in parts(offset, out.len()) {
            let page = self.page(&changes, page)?;
            out[done..done + length].copy_from_slice(&page[start..start + length]);
            done += length;
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        let mut changes = self.lock();
        changes.length = length;
        changes.from = changes.from.min(length);
        changes.pages.retain(|page, _| page * (PAGE as u64) < length);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut changes = self.lock();
        let mut done = 0;
        for (number, start, length) in parts(offset, data.len()) {
            let mut page = self.page(&changes, number)?;
            page[start..start + length].copy_from_slice(&data[done..done + length]);
            changes.pages.insert(number, page);
            done += length;
        }
        Ok(())
    }
}
