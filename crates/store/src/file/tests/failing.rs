//! A disk that fails, at every I/O of a short life in turn.

use std::time::Duration;

use wxbot_sdk::store::{Health, Store, StoreError};

use super::disk::Disk;
use super::hanging::until;
use super::{HOUR, item};
use crate::file::File;

/// Of a short life.
const ROUNDS: u32 = 3;

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
        let was_hit = disk.has_failed();
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

/// As the sweep does, once a second: the store would be said to work again each time.
#[tokio::test]
async fn a_full_disk_is_full_however_well_goes_what_needs_no_room() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    disk.fill();
    let mut n = 0;
    while store.put(&n.to_string(), vec![1; 40_000], HOUR).await.is_ok() {
        n += 1;
    }
    let refused = disk.refused();
    until("it is tried again", async || disk.refused() > refused + 2).await;
    assert!(matches!(store.health(), Health::Degraded { .. }));
    disk.repair();
    until("there is room", async || store.health() == Health::Good).await;
}

#[tokio::test]
async fn what_is_over_makes_room_on_a_full_disk() {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    for n in 0..50 {
        store.put(&n.to_string(), vec![1; 40_000], Duration::from_secs(2)).await.unwrap();
    }
    disk.fill();
    for n in 50.. {
        if store.put(&n.to_string(), vec![1; 40_000], HOUR).await.is_err() {
            break;
        }
    }
    until("there is room", async || store.health() == Health::Good).await;
}
