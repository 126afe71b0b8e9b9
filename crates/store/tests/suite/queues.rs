//! Queues: each item until it is removed, in the order in which they are due.

use std::time::Duration;

use wxbot_sdk::store::{Cursor, Item, StoreError};

use crate::subject::{QUEUE_ITEMS, Subject, item};

const LEASE: Duration = Duration::from_secs(30);

crate::tests![
    items_are_listed_in_the_order_they_are_due,
    a_list_is_as_long_as_asked,
    a_queue_is_read_page_by_page,
    a_page_begins_behind_a_place_where_nothing_is_any_more,
    the_items_of_a_queue_are_counted,
    one_item_is_read_by_its_id,
    a_push_replaces_the_item_of_the_same_id,
    an_item_is_new_once,
    a_removed_item_is_gone_for_good,
    a_full_queue_takes_no_new_item,
    queues_do_not_see_each_other,
    any_bytes_and_names_come_back,
    the_last_due_time_is_kept,
    items_outlive_the_store_that_promises_it,
];

async fn items_are_listed_in_the_order_they_are_due(store: Subject) {
    for (id, due) in [("c", 30), ("a", 10), ("z", 20), ("b", 20), ("day", 100), ("hour", 9)] {
        store.push("queue", item(id, id, due)).await.unwrap();
    }
    assert_eq!(store.ids("queue").await, ["hour", "a", "b", "z", "c", "day"]);
}

async fn a_list_is_as_long_as_asked(store: Subject) {
    for id in ["a", "b", "c"] {
        store.push("queue", item(id, "", 1)).await.unwrap();
    }
    for (most, expected) in [(0, 0), (1, 1), (3, 3), (4, 3)] {
        assert_eq!(store.list("queue", most).await.unwrap().len(), expected);
    }
    assert_eq!(store.list("no queue", 1).await.unwrap(), []);
}

/// Ids of which one is the beginning of another, or of another script.
const IDS: [&str; 12] =
    ["", "A", "a", "a\0", "aa", "ab", "b", "z", "é", "微", "微信", "\u{10ffff}"];

/// All ids of a queue, in pages.
async fn paged(store: &Subject, most: usize) -> Vec<String> {
    let (mut ids, mut after) = (vec![], None);
    loop {
        let page = store.list_after("queue", after.as_ref(), most).await.unwrap();
        assert!(page.len() <= most);
        let Some(last) = page.last() else { return ids };
        after = Some(last.cursor());
        ids.extend(page.into_iter().map(|queued| queued.item.id));
    }
}

async fn a_queue_is_read_page_by_page(store: Subject) {
    for id in IDS {
        store.push("queue", item(id, "", 10)).await.unwrap();
    }
    for (id, due) in [("early", 9), ("late", 11)] {
        store.push("queue", item(id, "", due)).await.unwrap();
    }
    let mut expected = vec!["early"];
    expected.extend(IDS);
    expected.push("late");
    for most in 1..=expected.len() + 1 {
        assert_eq!(paged(&store, most).await, expected, "pages of {most}");
    }
}

async fn a_page_begins_behind_a_place_where_nothing_is_any_more(store: Subject) {
    for id in IDS {
        store.push("queue", item(id, "", 10)).await.unwrap();
    }
    for (n, id) in IDS.into_iter().enumerate() {
        let place = Cursor { due: 10, id: id.into() };
        store.remove("queue", id).await.unwrap();
        let behind = store.list_after("queue", Some(&place), 99).await.unwrap();
        let behind: Vec<_> = behind.iter().map(|queued| &*queued.item.id).collect();
        assert_eq!(behind, IDS[n + 1..], "behind `{id}`");
        store.push("queue", item(id, "", 10)).await.unwrap();
    }
    for (due, count) in [(9, IDS.len()), (11, 0), (u64::MAX, 0)] {
        let place = Cursor { due, id: "m".into() };
        assert_eq!(store.list_after("queue", Some(&place), 99).await.unwrap().len(), count);
    }
}

async fn the_items_of_a_queue_are_counted(store: Subject) {
    assert_eq!(store.count("queue").await.unwrap(), 0);
    for (id, count) in [("a", 1), ("b", 2), ("a", 2), ("c", 3)] {
        store.push("queue", item(id, "", 1)).await.unwrap();
        assert_eq!(store.count("queue").await.unwrap(), count);
    }
    store.remove("queue", "a").await.unwrap();
    store.lease_due("queue", Duration::from_secs(30), 1).await.unwrap();
    assert_eq!(store.count("queue").await.unwrap(), 2);
    assert_eq!(store.count("other").await.unwrap(), 0);
}

async fn one_item_is_read_by_its_id(store: Subject) {
    assert_eq!(store.get_item("queue", "a").await.unwrap(), None);
    store.push("queue", item("a", "x", 10)).await.unwrap();
    let found = store.get_item("queue", "a").await.unwrap().unwrap();
    assert_eq!((found.item.clone(), found.is_leased), (item("a", "x", 10), false));
    assert_eq!(store.list_after("queue", None, 9).await.unwrap(), [found]);
    assert_eq!(store.get_item("queue", "b").await.unwrap(), None);
    assert_eq!(store.get_item("other", "a").await.unwrap(), None);
}

async fn a_push_replaces_the_item_of_the_same_id(store: Subject) {
    store.push("queue", item("a", "old", 10)).await.unwrap();
    store.push("queue", item("b", "", 20)).await.unwrap();
    store.push("queue", item("a", "new", 30)).await.unwrap();
    let expected = [item("b", "", 20), item("a", "new", 30)];
    assert_eq!(store.list("queue", 10).await.unwrap(), expected);
}

async fn an_item_is_new_once(store: Subject) {
    let adds = |n: u64| store.push_new("queue", item("a", &n.to_string(), n));
    let added = futures_util::future::join_all((1..=20).map(adds)).await;
    let added: Vec<_> = added.into_iter().map(Result::unwrap).collect();
    assert_eq!(added.iter().filter(|is_new| **is_new).count(), 1, "{added:?}");
    let first = added.iter().position(|is_new| *is_new).unwrap() as u64 + 1;
    assert_eq!(store.list("queue", 9).await.unwrap(), [item("a", &first.to_string(), first)]);
    store.lease_due("queue", LEASE, 1).await.unwrap();
    assert!(!store.push_new("queue", item("a", "anew", 7)).await.unwrap(), "somebody has it");
    store.remove("queue", "a").await.unwrap();
    for n in 0..QUEUE_ITEMS {
        assert!(store.push_new("queue", item(&n.to_string(), "", 1)).await.unwrap());
    }
    assert!(!store.push_new("queue", item("0", "anew", 1)).await.unwrap());
    let full = store.push_new("queue", item("one more", "", 1)).await.unwrap_err();
    assert!(matches!(full, StoreError::Full { .. }), "{full}");
}

async fn a_removed_item_is_gone_for_good(store: Subject) {
    store.push("queue", item("a", "", 1)).await.unwrap();
    assert!(store.remove("queue", "a").await.unwrap());
    assert!(!store.remove("queue", "a").await.unwrap());
    assert_eq!(store.lease_due("queue", LEASE, 10).await.unwrap(), []);
}

async fn a_full_queue_takes_no_new_item(store: Subject) {
    for n in 0..QUEUE_ITEMS {
        store.push("queue", item(&n.to_string(), "old", 1)).await.unwrap();
    }
    let refused = store.push("queue", item("new", "", 1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full { most: QUEUE_ITEMS, .. }), "{refused}");
    assert_eq!(refused.to_string(), "the queue `queue` is full: it holds 20 items");
    assert_eq!(store.ids("queue").await.len(), QUEUE_ITEMS);
    store.push("other", item("new", "", 1)).await.unwrap();
    store.push("queue", item("0", "replaced", 1)).await.unwrap();
    store.remove("queue", "1").await.unwrap();
    store.push("queue", item("new", "", 1)).await.unwrap();
    store.push("queue", item("newer", "", 1)).await.unwrap_err();
}

async fn queues_do_not_see_each_other(store: Subject) {
    let names = ["", "a", "ab", "a\0", "}", "a}b", "é"];
    for name in names {
        store.push(name, item("id", name, 1)).await.unwrap();
    }
    for name in names {
        assert_eq!(store.list(name, 9).await.unwrap(), [item("id", name, 1)]);
        assert!(store.remove(name, "id").await.unwrap());
        assert_eq!(store.list(name, 9).await.unwrap(), []);
    }
}

async fn any_bytes_and_names_come_back(store: Subject) {
    let (queue, id) = ("q".repeat(10_000), "i".repeat(10_000));
    let all: Vec<u8> = (0..=255).collect();
    let items = [
        Item { id: String::new(), value: vec![], due: 0 },
        Item { id, value: all, due: 1 },
        Item { id: "\0{微信}\n".into(), value: vec![0xff; 100_000], due: 2 },
    ];
    for item in &items {
        store.push(&queue, item.clone()).await.unwrap();
    }
    assert!(store.list(&queue, 9).await.unwrap() == items);
    let leased = store.lease_due(&queue, LEASE, 9).await.unwrap();
    assert!(
        leased
            .into_iter()
            .map(|leased| leased.item.value)
            .eq(items.iter().map(|item| item.value.clone()))
    );
    for item in &items {
        assert!(store.remove(&queue, &item.id).await.unwrap());
    }
}

async fn the_last_due_time_is_kept(store: Subject) {
    const LAST: u64 = 1 << 53;
    for (id, due) in [("never", u64::MAX), ("last", LAST), ("before", LAST - 1)] {
        store.push("queue", item(id, "", due)).await.unwrap();
    }
    let due: Vec<_> = store.list("queue", 9).await.unwrap().iter().map(|item| item.due).collect();
    assert_eq!(due, [LAST - 1, LAST, LAST]);
}

async fn items_outlive_the_store_that_promises_it(mut store: Subject) {
    store.push("queue", item("a", "x", 10)).await.unwrap();
    store.reopen();
    assert_eq!(store.list("queue", 9).await.unwrap(), [item("a", "x", 10)]);
}
