//! A disk that alters what was written.

use std::collections::BTreeMap;

use wxbot_sdk::store::{Health, Item, Store, StoreError};

use super::HOUR;
use super::disk::Disk;
use crate::OpenError;
use crate::file::File;

const QUEUES: [&str; 2] = ["outbox", "dead-letters"];
/// Where the database begins with what is where, without a checksum on all of it.
const HEADER: usize = 320;
/// Altered bytes, over the whole file.
const SPREAD: usize = 700;

/// What a store holds.
struct Contents {
    values: BTreeMap<String, Vec<u8>>,
    queues: BTreeMap<&'static str, Vec<Item>>,
}

/// Small and large, so that there are pages of every kind.
fn contents() -> Contents {
    let value = |n: usize| {
        (format!("session/4:shop/4:main/5:oABC{n}/cart"), vec![n as u8; n * n * n % 5000])
    };
    let item =
        |n: usize| Item { id: format!("a{n}"), value: vec![n as u8; n * 7], due: 1 + n as u64 };
    let queue = |queue| (queue, (0..20).map(item).collect());
    Contents { values: (0..60).map(value).collect(), queues: QUEUES.map(queue).into() }
}

async fn fill(store: &File, contents: &Contents) {
    let puts = contents.values.iter().map(|(key, value)| store.put(key, value.clone(), HOUR));
    futures_util::future::try_join_all(puts).await.unwrap();
    for (queue, items) in &contents.queues {
        let pushes = items.iter().map(|item| store.push(queue, item.clone()));
        futures_util::future::try_join_all(pushes).await.unwrap();
    }
}

/// Everything is as it was, or an error that says what is not; counts the errors.
async fn check(store: &File, contents: &Contents, what: &str) -> usize {
    let mut errors = 0;
    let gets = contents.values.keys().map(|key| store.get(key));
    let found = futures_util::future::join_all(gets).await;
    for ((key, value), found) in contents.values.iter().zip(found) {
        match found {
            Ok(found) => assert!(found.as_ref() == Some(value), "{what}: `{key}` is {found:?}"),
            Err(StoreError::Damaged { what: named }) => {
                let expected = named.starts_with("page ") && named.ends_with(" of the file");
                assert!(expected || named == format!("the value under `{key}`"), "{named}");
                errors += 1;
            }
            Err(StoreError::Unreachable(_)) => errors += 1,
            Err(error) => panic!("{what}: {error}"),
        }
    }
    for (queue, items) in &contents.queues {
        match store.list(queue, usize::MAX).await {
            Ok(listed) => assert!(&listed == items, "{what}: `{queue}` is {listed:?}"),
            Err(_) => errors += 1,
        }
    }
    errors
}

/// A disk with a whole store on it, closed or left by a process that died.
async fn disks(contents: &Contents) -> [Disk; 2] {
    let disk = Disk::new();
    let store = disk.open().unwrap();
    fill(&store, contents).await;
    let died = disk.altered(|_| ());
    drop(store);
    [disk, died]
}

/// Opens a disk with a bit altered; what opens, is right. Returns whether it was refused.
async fn is_refused(disk: &Disk, contents: &Contents, at: usize, mask: u8) -> bool {
    let what = format!("byte {at} ^ {mask}");
    match disk.altered(|bytes| bytes[at] ^= mask).open() {
        Ok(store) => check(&store, contents, &what).await > 0,
        Err(OpenError::Damaged { .. } | OpenError::File { .. }) => true,
        Err(error) => panic!("{what}: {error}"),
    }
}

#[tokio::test]
async fn no_altered_byte_alters_an_entry() {
    let contents = contents();
    for disk in disks(&contents).await {
        let length = disk.size();
        let spread = (0..SPREAD).map(|n| n * length / SPREAD);
        let mut count = 0;
        for at in (0..HEADER).chain(spread) {
            let mask = if at % 2 == 0 { 0xff } else { 1 << (at / 2 % 8) };
            count += usize::from(is_refused(&disk, &contents, at, mask).await);
        }
        assert!(count > SPREAD / 10, "only {count} were refused");
    }
}

#[tokio::test]
async fn no_bit_of_the_first_bytes_alters_an_entry() {
    let contents = contents();
    for disk in disks(&contents).await {
        for bit in 0..16 * 8 {
            is_refused(&disk, &contents, bit / 8, 1 << (bit % 8)).await;
        }
    }
}

#[tokio::test]
async fn a_byte_that_is_altered_meanwhile_alters_no_entry() {
    let contents = contents();
    let [closed, _] = disks(&contents).await;
    let (mut errors, length) = (0, closed.size());
    for at in (0..SPREAD / 5).map(|n| n * length * 5 / SPREAD) {
        let disk = closed.altered(|_| ());
        let store = disk.open_with_cache(0).unwrap();
        disk.alter(|bytes| bytes[at] ^= 0xff);
        let found = check(&store, &contents, &format!("byte {at}")).await;
        assert_eq!(found > 0, store.health() != Health::Good, "byte {at}");
        errors += found;
    }
    assert!(errors > SPREAD / 10, "only {errors} errors");
}

#[tokio::test]
async fn a_file_cut_off_anywhere_is_refused_or_whole() {
    let contents = contents();
    for disk in disks(&contents).await {
        let length = disk.size();
        for at in (0..100).map(|n| 1 + n * length / 100).chain([9, 63, 64, 320, 4095, 4096]) {
            if let Ok(store) = disk.altered(|bytes| bytes.truncate(at)).open() {
                assert_eq!(check(&store, &contents, "cut off").await, 0);
            }
        }
    }
}
