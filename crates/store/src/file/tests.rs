//! A disk that fails, at every I/O of a short life in turn.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use redb::{Database, StorageBackend};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Health, Item, Store, StoreError};

use super::{File, Open};
use crate::limits::Limits;

/// Of a short life.
const ROUNDS: u32 = 3;
/// Longer than a disk in memory takes, also where the machine is busy.
const PATIENCE: Duration = Duration::from_millis(500);
const HOUR: Duration = Duration::from_secs(3600);

/// A disk in memory, which outlives what uses it.
#[derive(Debug, Clone, Default)]
struct Disk(Arc<State>);

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
    /// While it does, no I/O comes back.
    hangs: Mutex<bool>,
    /// I/Os that hang.
    hanging: AtomicU64,
    went_on: Condvar,
}

impl Disk {
    fn new() -> Self {
        let disk = Self::default();
        disk.repair();
        disk
    }

    fn repair(&self) {
        self.0.fails_from.store(u64::MAX, Ordering::Relaxed);
        self.0.fails_to.store(u64::MAX, Ordering::Relaxed);
    }

    /// The I/O after `nth` from now fails, and `times - 1` after it.
    fn fail(&self, nth: u64, times: u64) {
        let from = self.0.done.load(Ordering::Relaxed) + nth;
        self.0.fails_from.store(from, Ordering::Relaxed);
        self.0.fails_to.store(from.saturating_add(times), Ordering::Relaxed);
    }

    fn hang(&self) {
        *self.0.hangs.lock().unwrap() = true;
    }

    fn go_on(&self) {
        *self.0.hangs.lock().unwrap() = false;
        self.0.went_on.notify_all();
    }

    /// What another machine would find on it, without what was not synced.
    fn after_power_loss(&self) -> Self {
        let disk = Self::new();
        *disk.0.seen.lock().unwrap() = self.0.synced.lock().unwrap().clone();
        disk
    }

    fn opener(&self, cache: usize) -> Open {
        let disk = self.clone();
        Box::new(move || {
            let mut builder = Database::builder();
            builder.set_cache_size(cache).create_with_backend(disk.clone())
        })
    }

    fn open(&self) -> Result<File, crate::OpenError> {
        self.open_with_cache(16 << 20)
    }

    fn open_with_cache(&self, cache: usize) -> Result<File, crate::OpenError> {
        let (limits, clock) = (Limits::default(), Clock::system());
        File::with(self.opener(cache), "disk".into(), &limits, clock, PATIENCE)
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

/// What was acknowledged of a short life.
#[derive(Debug, Default)]
struct Acknowledged {
    values: Vec<u32>,
    items: Vec<u32>,
}

async fn live(store: &File) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    for n in 0..ROUNDS {
        // Long enough that the file must grow.
        if store.put(&n.to_string(), vec![n as u8; 40_000], HOUR).await.is_ok() {
            acknowledged.values.push(n);
        }
        if store.push("queue", item(n)).await.is_ok() {
            acknowledged.items.push(n);
        }
    }
    acknowledged
}

fn item(n: u32) -> Item {
    Item { id: n.to_string(), value: vec![n as u8], due: n.into() }
}

async fn check(disk: &Disk, acknowledged: &Acknowledged, what: &str) {
    let store = disk.open().unwrap_or_else(|error| panic!("{what}: {error}"));
    for n in &acknowledged.values {
        let found = store.get(&n.to_string()).await.unwrap();
        assert!(found == Some(vec![*n as u8; 40_000]), "{what}: value {n} is lost");
    }
    let items = store.list("queue", 100).await.unwrap();
    for n in &acknowledged.items {
        assert!(items.contains(&item(*n)), "{what}: item {n} is lost");
    }
}

#[tokio::test]
async fn an_io_that_fails_once_loses_nothing_acknowledged_and_the_store_goes_on() {
    let mut failures = 0;
    for nth in 0..2000 {
        let disk = Disk::new();
        let store = disk.open().unwrap();
        disk.fail(nth, 1);
        let acknowledged = live(&store).await;
        let was_hit =
            disk.0.done.load(Ordering::Relaxed) > disk.0.fails_from.load(Ordering::Relaxed);
        assert!(
            acknowledged.values.len() + 1 >= ROUNDS as usize,
            "I/O {nth}: it did not go on: {acknowledged:?}"
        );
        if let Health::Degraded { .. } = store.health() {
            store.ping().await.unwrap();
        }
        assert_eq!(store.health(), Health::Good, "I/O {nth}");
        let lost_power = disk.after_power_loss();
        check(&lost_power, &acknowledged, &format!("I/O {nth}, power lost")).await;
        drop(store);
        disk.repair();
        check(&disk, &acknowledged, &format!("I/O {nth}, reopened")).await;
        failures +=
            u32::from(acknowledged.values.len() + acknowledged.items.len() < 2 * ROUNDS as usize);
        if !was_hit {
            break;
        }
    }
    assert!(failures > 20, "only {failures} failures reached a caller");
}

#[tokio::test]
async fn a_disk_that_stays_full_is_an_error_to_each_caller_until_there_is_room() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    store.put("before", b"kept".to_vec(), HOUR).await.unwrap();
    disk.fail(0, u64::MAX);
    for _ in 0..5 {
        let error = store.put("key", b"x".to_vec(), HOUR).await.unwrap_err();
        assert!(matches!(error, StoreError::Unreachable(_)), "{error}");
    }
    let Health::Degraded { why, .. } = store.health() else { panic!("it is degraded") };
    assert!(why.contains("no space left"), "{why}");
    disk.repair();
    store.put("key", b"y".to_vec(), HOUR).await.unwrap();
    assert_eq!(store.health(), Health::Good);
    assert_eq!(store.get("before").await.unwrap(), Some(b"kept".to_vec()));
    assert_eq!(store.get("key").await.unwrap(), Some(b"y".to_vec()));
}

/// Far longer than a call may take, far shorter than a disk that hangs.
const BOUND: Duration = Duration::from_secs(60);

/// Waits for what other threads do.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < BOUND, "{what}: not within {BOUND:?}");
        tokio::task::yield_now().await;
    }
}

fn no_answer(error: &StoreError) -> bool {
    let cause = std::error::Error::source(error).unwrap().to_string();
    cause == "no answer from the disk within 500 ms"
}

#[tokio::test]
async fn a_disk_that_hangs_is_an_error_to_each_caller_until_it_goes_on() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    store.put("before", b"kept".to_vec(), HOUR).await.unwrap();
    disk.hang();
    let first = store.put("key", b"x".to_vec(), HOUR).await.unwrap_err();
    assert!(no_answer(&first), "{first:?}");
    let Health::Degraded { why, .. } = store.health() else { panic!("it is degraded") };
    assert_eq!(why, "no answer from the disk within 500 ms");
    let calls = Instant::now();
    for _ in 0..1000 {
        let next = store.put("key", b"y".to_vec(), HOUR).await.unwrap_err();
        assert!(no_answer(&next), "{next:?}");
    }
    assert!(calls.elapsed() < 1000 * PATIENCE / 2, "while it hangs, nobody waits");
    assert!(store.ping().await.is_err());
    disk.go_on();
    until("it works again", async || store.health() == Health::Good).await;
    store.put("after", b"kept".to_vec(), HOUR).await.unwrap();
    for key in ["before", "after"] {
        assert_eq!(store.get(key).await.unwrap(), Some(b"kept".to_vec()), "{key}");
    }
}

#[tokio::test]
async fn what_was_not_begun_before_its_caller_gave_up_is_never_done() {
    let disk = Disk::new();
    let store = Arc::new(disk.open().unwrap());
    disk.hang();
    let begun = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.put("begun", vec![], HOUR).await }
    });
    until("it hangs", async || disk.0.hanging.load(Ordering::Relaxed) > 0).await;
    let waiting = (0..100).map(|n| store.push("queue", item(n)));
    for pushed in futures_util::future::join_all(waiting).await {
        assert!(no_answer(&pushed.unwrap_err()));
    }
    assert!(no_answer(&begun.await.unwrap().unwrap_err()));
    disk.go_on();
    until("it works again", async || store.ping().await.is_ok()).await;
    assert_eq!(store.list("queue", 1000).await.unwrap(), []);
    assert_eq!(store.get("begun").await.unwrap(), Some(vec![]));
}

#[tokio::test]
async fn a_read_that_hangs_is_an_error_and_reads_recover_by_themselves() {
    let disk = Disk::new();
    let store = disk.open_with_cache(0).unwrap();
    store.put("key", b"kept".to_vec(), HOUR).await.unwrap();
    disk.hang();
    let error = store.get("key").await.unwrap_err();
    assert!(no_answer(&error), "{error:?}");
    assert_ne!(store.health(), Health::Good);
    disk.go_on();
    until("it works again", async || store.health() == Health::Good).await;
    assert_eq!(store.get("key").await.unwrap(), Some(b"kept".to_vec()));
}

#[test]
fn dropping_the_store_does_not_wait_for_a_disk_that_hangs() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    disk.hang();
    let (dropped, is_dropped) = channel();
    std::thread::spawn(move || {
        drop(store);
        dropped.send(()).unwrap();
    });
    is_dropped.recv_timeout(BOUND).unwrap();
    disk.go_on();
}

#[tokio::test]
async fn a_file_of_another_version_is_refused() {
    let disk = Disk::new();
    drop(disk.open().unwrap());
    let database = disk.opener(0)().unwrap();
    let transaction = database.begin_write().unwrap();
    let mut format = transaction.open_table(super::tables::FORMAT).unwrap();
    format.insert(&b"format"[..], &[9][..]).unwrap();
    drop(format);
    transaction.commit().unwrap();
    drop(database);
    let refused = disk.open().err().unwrap().to_string();
    let expected =
        "`file:disk` can't be opened: an entry has version 9, this program knows version 1";
    assert_eq!(refused, expected);
}
