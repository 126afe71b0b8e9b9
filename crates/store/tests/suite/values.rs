//! Values: what is put is there, as long as it should be and no longer.

use std::collections::BTreeSet;
use std::time::Duration;

use wxbot_sdk::store::{Health, Reach, StoredValue, Swap, SwapRequest, Values};

use crate::subject::{Kind, Subject, put};

crate::tests![
    a_value_is_there_until_it_is_forgotten,
    a_value_is_there_until_its_time_is_over,
    a_new_value_has_a_time_of_its_own,
    a_time_of_nothing_is_over_at_once,
    the_longest_time_is_taken,
    any_bytes_come_back,
    any_key_is_one,
    keys_of_values_and_queues_do_not_meet,
    a_swap_needs_what_was_expected,
    a_swap_finds_nothing_where_the_time_is_over,
    swaps_are_done_up_to_the_first_that_finds_something_else,
    a_swap_of_nothing_for_nothing_tells_what_is_there,
    one_of_many_swaps_wins,
    values_are_listed_by_what_their_keys_begin_with,
    counts_of_many_tasks_sum_up,
    values_outlive_the_store_that_promises_it,
    a_store_that_is_there_says_so,
];

const MINUTE: Duration = Duration::from_secs(60);

async fn a_swap_of_nothing_for_nothing_tells_what_is_there(store: Subject) {
    let look = || {
        let (key, ttl) = ("key".to_owned(), Duration::ZERO);
        vec![SwapRequest { key, expected: None, new: None, ttl }]
    };
    assert_eq!(store.swap_all(look()).await.unwrap(), [Swap::Done]);
    put(&*store, "key", "there").await;
    assert_eq!(store.swap_all(look()).await.unwrap(), [Swap::Found(Some("there".into()))]);
    assert_eq!(store.text("key").await.as_deref(), Some("there"));
}

async fn values_are_listed_by_what_their_keys_begin_with(store: Subject) {
    let key = |n: u32| format!("a*[/{n}");
    for n in 0..2500 {
        store.put(&key(n), n.to_string().into(), MINUTE).await.unwrap();
    }
    for other in ["a*[", "a*b/1", "a", "b/1"] {
        put(&*store, other, "other").await;
    }
    store.put(&key(7000), "over".into(), Duration::from_secs(10)).await.unwrap();
    store.pass(Duration::from_secs(20)).await;
    let (mut found, mut from) = (BTreeSet::new(), None);
    loop {
        let Values { page, next } = store.values("a*[/", from).await.unwrap();
        for StoredValue { key, value, ttl } in page {
            assert!(ttl > Duration::ZERO && ttl <= Duration::from_secs(40), "{ttl:?}");
            found.insert((key, String::from_utf8(value).unwrap()));
        }
        from = next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(found, (0..2500).map(|n| (key(n), n.to_string())).collect());
}

async fn a_value_is_there_until_it_is_forgotten(store: Subject) {
    assert_eq!(store.text("key").await, None);
    put(&*store, "key", "one").await;
    assert_eq!(store.text("key").await.as_deref(), Some("one"));
    put(&*store, "key", "two").await;
    assert_eq!(store.text("key").await.as_deref(), Some("two"));
    store.delete("key").await.unwrap();
    assert_eq!(store.text("key").await, None);
    store.delete("key").await.unwrap();
}

async fn a_value_is_there_until_its_time_is_over(store: Subject) {
    put(&*store, "key", "one").await;
    store.pass(Duration::from_secs(30)).await;
    assert_eq!(store.text("key").await.as_deref(), Some("one"));
    store.pass(Duration::from_secs(30)).await;
    assert_eq!(store.text("key").await, None);
}

async fn a_new_value_has_a_time_of_its_own(store: Subject) {
    put(&*store, "key", "short").await;
    store.put("key", "long".into(), 10 * MINUTE).await.unwrap();
    store.pass(2 * MINUTE).await;
    assert_eq!(store.text("key").await.as_deref(), Some("long"));
    put(&*store, "key", "short again").await;
    store.pass(2 * MINUTE).await;
    assert_eq!(store.text("key").await, None);
}

async fn a_time_of_nothing_is_over_at_once(store: Subject) {
    put(&*store, "key", "before").await;
    store.put("key", "never".into(), Duration::ZERO).await.unwrap();
    assert_eq!(store.text("key").await, None);
    let swap = store.swap("key", None, Some("never".into()), Duration::ZERO).await.unwrap();
    assert_eq!(swap, Swap::Done);
    assert_eq!(store.text("key").await, None);
}

async fn the_longest_time_is_taken(store: Subject) {
    store.put("key", "one".into(), Duration::MAX).await.unwrap();
    store.pass(1000 * MINUTE).await;
    assert_eq!(store.text("key").await.as_deref(), Some("one"));
}

async fn any_bytes_come_back(store: Subject) {
    let all = (0..=255).collect::<Vec<u8>>();
    let values = [vec![], vec![0], b"\r\n$-1\r\n".to_vec(), all, vec![0xff; 300_000]];
    for value in values {
        store.put("key", value.clone(), MINUTE).await.unwrap();
        let found = store.get("key").await.unwrap();
        assert!(found.as_ref() == Some(&value), "{} bytes", value.len());
        let swap = store.swap("key", Some(&value), Some(b"next".to_vec()), MINUTE).await.unwrap();
        assert_eq!(swap, Swap::Done);
    }
}

async fn any_key_is_one(store: Subject) {
    let long = "k".repeat(10_000);
    let keys = ["", " ", "\0", "{", "}", "{}", "%7B", "a\r\nb", "微信", "*", "a", "A", &long];
    for key in keys {
        put(&*store, key, &format!("value of {key}")).await;
    }
    for key in keys {
        assert_eq!(store.text(key).await, Some(format!("value of {key}")));
    }
}

async fn keys_of_values_and_queues_do_not_meet(store: Subject) {
    put(&*store, "same", "value").await;
    store.push("same", crate::subject::item("same", "item", 1)).await.unwrap();
    store.delete("same").await.unwrap();
    assert_eq!(store.ids("same").await, ["same"]);
}

async fn a_swap_needs_what_was_expected(store: Subject) {
    let swap = |expected: Option<&'static str>, new: Option<&'static str>| {
        let store = store.share();
        async move {
            let new = new.map(|text| text.as_bytes().to_vec());
            store.swap("key", expected.map(str::as_bytes), new, MINUTE).await.unwrap()
        }
    };
    let found = |text: &str| Swap::Found(Some(text.into()));
    assert_eq!(swap(Some("one"), Some("two")).await, Swap::Found(None));
    assert_eq!(swap(Some(""), Some("two")).await, Swap::Found(None), "nothing is not empty");
    assert_eq!(swap(None, Some("one")).await, Swap::Done);
    assert_eq!(swap(None, Some("two")).await, found("one"));
    assert_eq!(swap(Some("other"), None).await, found("one"));
    assert_eq!(swap(Some("one"), Some("")).await, Swap::Done);
    assert_eq!(swap(None, Some("two")).await, found(""), "empty is not nothing");
    assert_eq!(swap(Some(""), None).await, Swap::Done);
    assert_eq!(swap(None, None).await, Swap::Done);
    assert_eq!(store.text("key").await, None);
}

async fn a_swap_finds_nothing_where_the_time_is_over(store: Subject) {
    put(&*store, "key", "old").await;
    store.pass(MINUTE).await;
    let swap = store.swap("key", Some(b"old"), None, MINUTE).await.unwrap();
    assert_eq!(swap, Swap::Found(None));
    assert_eq!(store.swap("key", None, Some("new".into()), MINUTE).await.unwrap(), Swap::Done);
    store.pass(MINUTE / 2).await;
    assert_eq!(store.text("key").await.as_deref(), Some("new"));
}

fn request(key: &str, expected: Option<&str>, new: Option<&str>) -> SwapRequest {
    let bytes = |text: &str| text.as_bytes().to_vec();
    SwapRequest { key: key.into(), expected: expected.map(bytes), new: new.map(bytes), ttl: MINUTE }
}

async fn swaps_are_done_up_to_the_first_that_finds_something_else(store: Subject) {
    assert_eq!(store.swap_all(vec![]).await.unwrap(), []);
    let both = vec![request("claim", None, Some("me")), request("line", None, Some("1"))];
    assert_eq!(store.swap_all(both.clone()).await.unwrap(), [Swap::Done, Swap::Done]);
    let mine = Swap::Found(Some(b"me".into()));
    assert_eq!(store.swap_all(both).await.unwrap(), [mine], "the second is not tried");
    let other = vec![
        request("other claim", None, Some("me")),
        request("line", None, Some("2")),
        request("third", None, Some("3")),
    ];
    let stopped = [Swap::Done, Swap::Found(Some(b"1".into()))];
    assert_eq!(store.swap_all(other).await.unwrap(), stopped);
    let texts = [store.text("other claim").await, store.text("line").await];
    assert_eq!(texts, [Some("me".into()), Some("1".into())], "what was done is done");
    assert_eq!(store.text("third").await, None);
    let twice = vec![request("line", Some("1"), Some("2")), request("line", Some("2"), None)];
    assert_eq!(store.swap_all(twice).await.unwrap(), [Swap::Done, Swap::Done]);
    assert_eq!(store.text("line").await, None);
    store.pass(MINUTE).await;
    assert_eq!(store.text("claim").await, None, "each has its time");
}

async fn one_of_many_swaps_wins(store: Subject) {
    for round in 0..20 {
        let key = format!("lease {round}");
        let tasks = (0..8).map(|task: u8| {
            let (store, key) = (store.share(), key.clone());
            tokio::spawn(async move { store.swap(&key, None, Some(vec![task]), MINUTE).await })
        });
        let mut winners = vec![];
        for (number, task) in tasks.collect::<Vec<_>>().into_iter().enumerate() {
            match task.await.unwrap().unwrap() {
                Swap::Done => winners.push(number as u8),
                Swap::Found(found) => assert!(found.is_some(), "a loser sees who won"),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(store.get(&key).await.unwrap(), Some(winners));
    }
}

async fn counts_of_many_tasks_sum_up(store: Subject) {
    const TASKS: u32 = 8;
    const TIMES: u32 = 20;
    let tasks = (0..TASKS).map(|_| {
        let store = store.share();
        tokio::spawn(async move {
            for _ in 0..TIMES {
                let mut seen = store.get("count").await.unwrap();
                loop {
                    let count = seen.as_deref().map_or(0, number) + 1;
                    let new = Some(count.to_string().into_bytes());
                    match store.swap("count", seen.as_deref(), new, MINUTE).await.unwrap() {
                        Swap::Done => break,
                        Swap::Found(found) => seen = found,
                    }
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(store.text("count").await, Some((TASKS * TIMES).to_string()));
}

fn number(text: &[u8]) -> u32 {
    std::str::from_utf8(text).unwrap().parse().unwrap()
}

async fn values_outlive_the_store_that_promises_it(mut store: Subject) {
    put(&*store, "key", "one").await;
    let expected = match store.kind {
        Kind::Memory => Reach::Process,
        Kind::File => Reach::Machine,
        Kind::Redis => Reach::Instances,
    };
    assert_eq!(store.reach(), expected);
    store.reopen();
    assert_eq!(store.text("key").await.as_deref(), Some("one"));
}

async fn a_store_that_is_there_says_so(store: Subject) {
    store.ping().await.unwrap();
    assert_eq!(store.health(), Health::Good);
}
