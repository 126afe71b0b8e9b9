//! A disk that hangs.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use wxbot_sdk::store::{Health, Store, StoreError};

use super::disk::{Disk, PATIENCE};
use super::{HOUR, item};

/// Far longer than a call may take, far shorter than a disk that hangs.
const BOUND: Duration = Duration::from_secs(60);

/// Waits for what other threads do.
pub(super) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < BOUND, "{what}: not within {BOUND:?}");
        tokio::task::yield_now().await;
    }
}

fn no_answer(error: &StoreError) -> bool {
    let cause = std::error::Error::source(error).unwrap().to_string();
    cause == "no answer from the disk within 1500 ms"
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
    assert_eq!(why, "no answer from the disk within 1500 ms");
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
    until("it hangs", async || disk.is_hanging()).await;
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
