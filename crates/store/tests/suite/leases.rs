//! Leases: who holds an item alone may write it, by the store's clock.

use std::time::Duration;

use wxbot_sdk::store::{FencingToken, Item, QueuedItem, StoreError};

use crate::subject::{QUEUE_ITEMS, Subject, item};

crate::tests![
    what_is_due_by_the_stores_clock_is_leased_longest_due_first,
    what_is_leased_is_not_leased_again_before_the_lease_ends,
    what_is_put_there_leased_is_its_bringers,
    a_full_queue_takes_nothing_leased,
    a_lease_that_is_renewed_lasts,
    a_renewed_lease_may_have_another_value,
    a_lease_that_ended_holds_until_somebody_else_has_one,
    who_lost_the_lease_changes_nothing,
    a_leased_item_is_done_once,
    what_is_put_off_is_leased_when_it_is_due,
    a_write_of_somebody_else_ends_a_lease,
    an_item_that_was_written_since_is_not_written_over,
    of_many_that_lease_each_item_has_one,
    a_lease_outlives_the_store_that_promises_it,
    the_clock_of_the_store_goes_on,
];

const LEASE: Duration = Duration::from_secs(30);

fn ids(items: &[QueuedItem]) -> Vec<&str> {
    items.iter().map(|queued| &*queued.item.id).collect()
}

/// Leases the one item that is due.
async fn lease(store: &Subject) -> QueuedItem {
    let mut items = store.lease_due("queue", LEASE, 9).await.unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    items.remove(0)
}

async fn renew(store: &Subject, token: FencingToken) -> bool {
    store.renew("queue", "a", token, LEASE, None).await.unwrap()
}

/// Due so many seconds from now.
async fn after(store: &Subject, id: &str, seconds: u64) -> Item {
    item(id, id, store.now().await.unwrap() + seconds * 1000)
}

async fn what_is_due_by_the_stores_clock_is_leased_longest_due_first(store: Subject) {
    for seconds in [40, 20, 90] {
        let item = after(&store, &seconds.to_string(), seconds).await;
        store.push("queue", item).await.unwrap();
    }
    store.push("queue", item("long ago", "x", 7)).await.unwrap();
    assert_eq!(ids(&store.lease_due("queue", LEASE, 9).await.unwrap()), ["long ago"]);
    store.pass(Duration::from_secs(60)).await;
    assert_eq!(store.lease_due("queue", LEASE, 0).await.unwrap(), []);
    assert_eq!(ids(&store.lease_due("queue", LEASE, 2).await.unwrap()), ["20", "long ago"]);
    assert_eq!(ids(&store.lease_due("queue", LEASE, 2).await.unwrap()), ["40"]);
    assert_eq!(store.lease_due("no queue", LEASE, 2).await.unwrap(), []);
}

async fn what_is_leased_is_not_leased_again_before_the_lease_ends(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let now = store.now().await.unwrap();
    let leased = lease(&store).await;
    assert!(leased.is_leased);
    assert_eq!(leased.item.value, b"x");
    assert!((now + 30_000..now + 40_000).contains(&leased.item.due), "the lease's end");
    assert_eq!(store.get_item("queue", "a").await.unwrap(), Some(leased.clone()));
    assert_eq!(store.list_after("queue", None, 9).await.unwrap(), [leased]);
    store.pass(Duration::from_secs(20)).await;
    assert_eq!(store.lease_due("queue", LEASE, 9).await.unwrap(), []);
    store.pass(Duration::from_secs(10)).await;
    lease(&store).await;
}

async fn what_is_put_there_leased_is_its_bringers(store: Subject) {
    store.push("queue", item("a", "old", 7)).await.unwrap();
    let old = lease(&store).await.token;
    let now = store.now().await.unwrap();
    let token = store.push_leased("queue", "a", b"x".to_vec(), LEASE).await.unwrap();
    assert!(!renew(&store, old).await, "who had the one before has lost it");
    let there = store.get_item("queue", "a").await.unwrap().unwrap();
    assert!((now + 30_000..now + 40_000).contains(&there.item.due), "the lease's end");
    assert_eq!((there.token, there.is_leased, there.item.value), (token, true, b"x".into()));
    assert_eq!(store.lease_due("queue", LEASE, 9).await.unwrap(), []);
    store.pass(Duration::from_secs(20)).await;
    assert!(renew(&store, token).await);
    store.pass(LEASE).await;
    lease(&store).await;
    assert!(!renew(&store, token).await);
}

async fn a_full_queue_takes_nothing_leased(store: Subject) {
    for n in 0..QUEUE_ITEMS {
        store.push_leased("queue", &n.to_string(), vec![], LEASE).await.unwrap();
    }
    let full = store.push_leased("queue", "one more", vec![], LEASE).await.unwrap_err();
    assert!(matches!(full, StoreError::Full { most: QUEUE_ITEMS, .. }), "{full:?}");
    store.push_leased("queue", "7", b"anew".to_vec(), LEASE).await.unwrap();
    assert_eq!(store.count("queue").await.unwrap(), QUEUE_ITEMS as u64);
}

async fn a_lease_that_is_renewed_lasts(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let leased = lease(&store).await;
    for _ in 0..5 {
        store.pass(Duration::from_secs(20)).await;
        assert!(renew(&store, leased.token).await);
        assert_eq!(store.lease_due("queue", LEASE, 9).await.unwrap(), []);
    }
    let there = store.get_item("queue", "a").await.unwrap().unwrap();
    assert_eq!((there.token, there.is_leased, there.item.value), (leased.token, true, b"x".into()));
    store.pass(LEASE).await;
    lease(&store).await;
}

async fn a_renewed_lease_may_have_another_value(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let token = lease(&store).await.token;
    for value in [b"tried once".to_vec(), vec![], vec![0, 255]] {
        let renewed = store.renew("queue", "a", token, LEASE, Some(value.clone())).await.unwrap();
        assert!(renewed);
        assert_eq!(store.get_item("queue", "a").await.unwrap().unwrap().item.value, value);
    }
    assert!(store.remove_if("queue", "a", token).await.unwrap());
}

async fn a_lease_that_ended_holds_until_somebody_else_has_one(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let token = lease(&store).await.token;
    store.pass(2 * LEASE).await;
    assert!(renew(&store, token).await, "nobody else has it");
    assert_eq!(store.lease_due("queue", LEASE, 9).await.unwrap(), []);
    store.pass(2 * LEASE).await;
    lease(&store).await;
    assert!(!renew(&store, token).await);
}

async fn who_lost_the_lease_changes_nothing(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let lost = lease(&store).await.token;
    store.pass(LEASE).await;
    let held = lease(&store).await;
    assert_ne!(held.token, lost);
    let late = Some(b"late".to_vec());
    assert!(!store.renew("queue", "a", lost, LEASE, late).await.unwrap());
    assert!(!store.update_if("queue", item("a", "late", 1), lost).await.unwrap());
    assert!(!store.remove_if("queue", "a", lost).await.unwrap());
    assert_eq!(store.get_item("queue", "a").await.unwrap(), Some(held.clone()));
    assert!(store.remove_if("queue", "a", held.token).await.unwrap());
}

async fn a_leased_item_is_done_once(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let token = lease(&store).await.token;
    assert!(store.remove_if("queue", "a", token).await.unwrap());
    assert!(!store.remove_if("queue", "a", token).await.unwrap());
    assert!(!renew(&store, token).await);
    assert!(!store.update_if("queue", item("a", "x", 1), token).await.unwrap());
    assert_eq!(store.get_item("queue", "a").await.unwrap(), None);
    store.push("queue", item("a", "another", 7)).await.unwrap();
    assert!(!store.remove_if("queue", "a", token).await.unwrap(), "it is another item");
}

async fn what_is_put_off_is_leased_when_it_is_due(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let token = lease(&store).await.token;
    let later = Item { value: b"tried".into(), ..after(&store, "a", 60).await };
    assert!(store.update_if("queue", later.clone(), token).await.unwrap());
    assert!(!renew(&store, token).await, "the lease has ended");
    let there = store.get_item("queue", "a").await.unwrap().unwrap();
    assert_eq!((there.item, there.is_leased), (later, false));
    store.pass(Duration::from_secs(40)).await;
    assert_eq!(store.lease_due("queue", LEASE, 9).await.unwrap(), []);
    store.pass(Duration::from_secs(20)).await;
    assert_eq!(lease(&store).await.item.value, b"tried");
}

async fn a_write_of_somebody_else_ends_a_lease(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let token = lease(&store).await.token;
    store.push("queue", item("a", "y", 7)).await.unwrap();
    assert!(!renew(&store, token).await);
    assert!(!store.remove_if("queue", "a", token).await.unwrap());
    assert!(store.remove("queue", "a").await.unwrap());
}

async fn an_item_that_was_written_since_is_not_written_over(store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let seen = store.get_item("queue", "a").await.unwrap().unwrap();
    assert!(!seen.is_leased);
    assert!(!renew(&store, seen.token).await, "who has seen it has no lease");
    assert!(store.update_if("queue", item("a", "y", 7), seen.token).await.unwrap());
    assert!(!store.update_if("queue", item("a", "z", 7), seen.token).await.unwrap());
    let seen = store.get_item("queue", "a").await.unwrap().unwrap();
    assert_eq!(seen.item.value, b"y");
    lease(&store).await;
    assert!(!store.update_if("queue", item("a", "z", 7), seen.token).await.unwrap());
    assert!(!store.remove_if("queue", "a", seen.token).await.unwrap());
    let missing = store.update_if("queue", item("b", "z", 7), seen.token).await.unwrap();
    assert!(!missing && store.get_item("queue", "b").await.unwrap().is_none());
}

async fn of_many_that_lease_each_item_has_one(store: Subject) {
    for n in 0..QUEUE_ITEMS {
        store.push("queue", item(&n.to_string(), "", n as u64)).await.unwrap();
    }
    let holders = (0..6).map(|_| {
        let store = store.share();
        tokio::spawn(async move {
            let mut mine = vec![];
            for _ in 0..QUEUE_ITEMS {
                mine.extend(store.lease_due("queue", LEASE, 3).await.unwrap());
            }
            mine
        })
    });
    let mut all = vec![];
    for holder in holders.collect::<Vec<_>>() {
        all.extend(holder.await.unwrap());
    }
    let mut numbers: Vec<usize> = ids(&all).iter().map(|id| id.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..QUEUE_ITEMS).collect::<Vec<_>>());
    for queued in all {
        assert!(store.remove_if("queue", &queued.item.id, queued.token).await.unwrap());
    }
}

async fn a_lease_outlives_the_store_that_promises_it(mut store: Subject) {
    store.push("queue", item("a", "x", 7)).await.unwrap();
    let leased = lease(&store).await;
    store.reopen();
    assert_eq!(store.get_item("queue", "a").await.unwrap(), Some(leased.clone()));
    assert!(renew(&store, leased.token).await);
    assert!(store.remove_if("queue", "a", leased.token).await.unwrap());
}

async fn the_clock_of_the_store_goes_on(store: Subject) {
    let first = store.now().await.unwrap();
    assert!(first > 1_700_000_000_000, "Unix milliseconds: {first}");
    let second = store.now().await.unwrap();
    assert!((first..first + 60_000).contains(&second), "{first} {second}");
}
