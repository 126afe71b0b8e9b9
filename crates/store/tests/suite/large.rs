//! A queue of twenty thousand items, in which no command reads them all.

use std::time::Duration;

use futures_util::future::try_join_all;

use crate::subject::{Subject, item};

crate::tests![a_large_queue_is_listed_and_changed_in_small_steps];

const ITEMS: u64 = 20_000;
/// Pushed at once.
const MANY: u64 = 500;
const LEASE: Duration = Duration::from_secs(30);

async fn a_large_queue_is_listed_and_changed_in_small_steps(mut store: Subject) {
    store.with_room();
    for from in (0..ITEMS).step_by(MANY as usize) {
        // Many are due at once.
        let item = |n: u64| item(&format!("{n:05}"), "an answer that is late", 1 + n / 15_000);
        let pushes = (from..from + MANY).map(|n| store.push("queue", item(n)));
        try_join_all(pushes).await.unwrap();
    }
    assert_eq!(store.count("queue").await.unwrap(), ITEMS);
    let (mut listed, mut after) = (0, None);
    loop {
        let page = store.list_after("queue", after.as_ref(), 100).await.unwrap();
        let Some(last) = page.last() else { break };
        assert_eq!(page[0].item.id, format!("{listed:05}"));
        (listed, after) = (listed + page.len(), Some(last.cursor()));
    }
    assert_eq!(listed as u64, ITEMS);
    let one = store.get_item("queue", "12345").await.unwrap().unwrap();
    assert!(store.update_if("queue", item("12345", "again", 0), one.token).await.unwrap());
    let leased = store.lease_due("queue", LEASE, 64).await.unwrap();
    assert_eq!((leased.len(), &*leased[0].item.id), (64, "12345"));
    for queued in leased {
        assert!(store.remove_if("queue", &queued.item.id, queued.token).await.unwrap());
    }
    assert!(store.remove("queue", "19999").await.unwrap());
    assert_eq!(store.count("queue").await.unwrap(), ITEMS - 65);
}
