//! A disk in memory that does what disks do.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use redb::{Database, StorageBackend};
use wxbot_sdk::clock::Clock;

use crate::OpenError;
use crate::file::File;
use crate::file::backend::{Checked, Checksums};
use crate::file::database::{Open, Opening};
use crate::limits::Limits;

/// Longer than a disk in memory takes, also where the machine is busy.
pub(super) const PATIENCE: Duration = Duration::from_millis(1500);

/// A disk in memory, which outlives what uses it.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// As the system shows it.
    seen: Mutex<Vec<u8>>,
    /// What is left when the power goes.
    synced: Mutex<Vec<u8>>,
    /// I/Os until now, and from which to which they fail.
    done: AtomicU64,
    fails_from: AtomicU64,
    fails_to: AtomicU64,
    /// How long it may get, and how often it was to get longer.
    most: AtomicU64,
    refused: AtomicU64,
    /// While it does, no I/O comes back.
    hangs: Mutex<bool>,
    /// I/Os that hang.
    hanging: AtomicU64,
    went_on: Condvar,
}

impl Disk {
    pub(super) fn new() -> Self {
        let disk = Self::default();
        disk.repair();
        disk
    }

    pub(super) fn repair(&self) {
        self.0.most.store(u64::MAX, Ordering::Relaxed);
        self.0.fails_from.store(u64::MAX, Ordering::Relaxed);
        self.0.fails_to.store(u64::MAX, Ordering::Relaxed);
    }

    /// The I/O after `nth` from now fails, and `times - 1` after it.
    pub(super) fn fail(&self, nth: u64, times: u64) {
        let from = self.0.done.load(Ordering::Relaxed) + nth;
        self.0.fails_from.store(from, Ordering::Relaxed);
        self.0.fails_to.store(from.saturating_add(times), Ordering::Relaxed);
    }

    /// From now on it does not get longer; what is on it can be overwritten.
    pub(super) fn fill(&self) {
        self.0.most.store(self.size() as u64, Ordering::Relaxed);
    }

    /// How often it was to get longer and could not.
    pub(super) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Whether an I/O was to fail.
    pub(super) fn has_failed(&self) -> bool {
        self.0.done.load(Ordering::Relaxed) > self.0.fails_from.load(Ordering::Relaxed)
    }

    pub(super) fn hang(&self) {
        *self.0.hangs.lock().unwrap() = true;
    }

    /// Whether an I/O hangs now.
    pub(super) fn is_hanging(&self) -> bool {
        self.0.hanging.load(Ordering::Relaxed) > 0
    }

    pub(super) fn go_on(&self) {
        *self.0.hangs.lock().unwrap() = false;
        self.0.went_on.notify_all();
    }

    pub(super) fn size(&self) -> usize {
        self.0.seen.lock().unwrap().len()
    }

    /// As it is, altered.
    pub(super) fn altered(&self, alter: impl FnOnce(&mut Vec<u8>)) -> Self {
        let disk = Self::new();
        disk.0.seen.lock().unwrap().clone_from(&self.0.seen.lock().unwrap());
        disk.alter(alter);
        disk
    }

    /// Alters what is on it, whoever uses it.
    pub(super) fn alter(&self, alter: impl FnOnce(&mut Vec<u8>)) {
        alter(&mut self.0.seen.lock().unwrap());
    }

    /// What another machine would find on it, without what was not synced.
    pub(super) fn after_power_loss(&self) -> Self {
        let disk = Self::new();
        *disk.0.seen.lock().unwrap() = self.0.synced.lock().unwrap().clone();
        disk
    }

    pub(super) fn opener(&self, cache: usize) -> Open {
        let (disk, checksums) = (self.clone(), Checksums::default());
        Box::new(move |opening| {
            let mut builder = Database::builder();
            builder.set_check_integrity_on_open(opening == Opening::First);
            builder
                .set_cache_size(cache)
                .create_with_backend(Checked::new(disk.clone(), Arc::clone(&checksums)))
        })
    }

    pub(super) fn open(&self) -> Result<File, OpenError> {
        self.open_with_cache(16 << 20)
    }

    pub(super) fn open_with_cache(&self, cache: usize) -> Result<File, OpenError> {
        let (limits, clock) = (Limits::default(), Clock::system());
        File::with(self.opener(cache), "disk".as_ref(), &limits, clock, PATIENCE)
    }

    fn attempt(&self) -> Result<(), Error> {
        let hangs = self.0.hangs.lock().unwrap();
        self.0.hanging.fetch_add(1, Ordering::Relaxed);
        drop(self.0.went_on.wait_while(hangs, |hangs| *hangs).unwrap());
        self.0.hanging.fetch_sub(1, Ordering::Relaxed);
        let nth = self.0.done.fetch_add(1, Ordering::Relaxed);
        let failing =
            self.0.fails_from.load(Ordering::Relaxed)..self.0.fails_to.load(Ordering::Relaxed);
        match failing.contains(&nth) {
            true => Err(Error::new(ErrorKind::StorageFull, "no space left")),
            false => Ok(()),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.0.seen.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.attempt()?;
        let (seen, offset) = (self.0.seen.lock().unwrap(), offset as usize);
        let part = seen.get(offset..offset + out.len());
        let part = part.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(part);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.attempt()?;
        if len > self.0.most.load(Ordering::Relaxed) {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Error::new(ErrorKind::StorageFull, "no space left"));
        }
        self.0.seen.lock().unwrap().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.attempt()?;
        let seen = self.0.seen.lock().unwrap();
        self.0.synced.lock().unwrap().clone_from(&seen);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        // A disk that fails may have written a part.
        let failed = self.attempt();
        let length = if failed.is_ok() { data.len() } else { data.len() / 2 };
        let (mut seen, offset) = (self.0.seen.lock().unwrap(), offset as usize);
        seen[offset..offset + length].copy_from_slice(&data[..length]);
        failed
    }
}
