//! Waiting for a change without asking.

use std::time::Duration;

use futures_util::FutureExt;
use wxbot_sdk::store::{Swap, SwapRequest, Watch};

use crate::subject::{Subject, Whole};

crate::tests![
    a_swap_is_heard_of_by_whoever_watches_the_value,
    swaps_at_once_are_each_heard_of,
    a_swap_that_changed_nothing_is_not_heard_of,
    what_was_swapped_before_is_not_heard_of,
];

const MINUTE: Duration = Duration::from_secs(60);

/// Waits for a change, also where another thread or server has to bring it, but not for ever.
async fn hears(watch: &mut Watch) {
    for _ in 0..2000 {
        if watch.changed().now_or_never().is_some() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("nothing was heard");
}

async fn swap(store: &dyn Whole, key: &str, expected: Option<&str>, new: Option<&str>) -> Swap {
    let new = new.map(|text| text.as_bytes().to_vec());
    store.swap(key, expected.map(str::as_bytes), new, MINUTE).await.unwrap()
}

async fn a_swap_is_heard_of_by_whoever_watches_the_value(store: Subject) {
    let elsewhere = store.elsewhere();
    let mut here = store.watch("turn").await;
    let mut there = elsewhere.watch("turn").await;
    for (expected, new) in [(None, Some("1")), (Some("1"), Some("2")), (Some("2"), None)] {
        assert_eq!(swap(&*elsewhere, "turn", expected, new).await, Swap::Done);
        hears(&mut here).await;
        hears(&mut there).await;
    }
    drop(here);
    swap(&*store, "turn", None, Some("3")).await;
    hears(&mut there).await;
}

async fn swaps_at_once_are_each_heard_of(store: Subject) {
    let elsewhere = store.elsewhere();
    let mut watches = [store.watch("claim").await, store.watch("turn").await];
    let request = |key: &str| SwapRequest {
        key: key.into(),
        expected: None,
        new: Some(b"1".into()),
        ttl: MINUTE,
    };
    elsewhere.swap_all(vec![request("claim"), request("turn")]).await.unwrap();
    for watch in &mut watches {
        hears(watch).await;
    }
}

async fn a_swap_that_changed_nothing_is_not_heard_of(store: Subject) {
    let elsewhere = store.elsewhere();
    let (mut turn, mut other) = (store.watch("turn").await, store.watch("other").await);
    assert_eq!(swap(&*elsewhere, "turn", Some("1"), None).await, Swap::Found(None));
    swap(&*elsewhere, "turns", None, Some("1")).await;
    // What comes after it is heard of, and it is not.
    swap(&*elsewhere, "other", None, Some("1")).await;
    hears(&mut other).await;
    assert!(turn.changed().now_or_never().is_none());
}

async fn what_was_swapped_before_is_not_heard_of(store: Subject) {
    let elsewhere = store.elsewhere();
    let mut other = store.watch("other").await;
    swap(&*elsewhere, "turn", None, Some("1")).await;
    let mut turn = store.watch("turn").await;
    swap(&*elsewhere, "other", None, Some("1")).await;
    hears(&mut other).await;
    assert!(turn.changed().now_or_never().is_none());
    swap(&*elsewhere, "turn", Some("1"), None).await;
    hears(&mut turn).await;
}
