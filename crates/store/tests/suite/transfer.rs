//! What one store exports, any store imports.

use std::time::Duration;

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::keys;
use wxbot_store::{Contents, Memory, Place, backup, export, import};

use crate::subject::{Kind, QUEUE_ITEMS, Subject, item, limits, put};

crate::tests![
    an_export_holds_everything_and_can_be_imported,
    an_import_can_be_run_again,
    access_tokens_are_left_out,
    a_backup_is_a_whole_export_for_the_user_alone,
    what_has_another_prefix_is_not_seen,
];

async fn exported(store: &dyn Contents) -> Vec<String> {
    let mut lines = Vec::new();
    export(store, &mut lines).await.unwrap();
    String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
}

/// More than a page, and what is hard to write.
async fn fill(store: &Subject) {
    let filled = (0..1500).map(|n| {
        let store = store.share();
        tokio::spawn(async move { put(&*store, &format!("key {n}"), "value").await })
    });
    for task in filled.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    store.put("\"}\n微信", vec![0, 255], Duration::from_secs(600)).await.unwrap();
    store.put("over", b"x".to_vec(), Duration::from_secs(1)).await.unwrap();
    for n in 0..QUEUE_ITEMS as u64 {
        store.push("queue }", item(&n.to_string(), "value", n)).await.unwrap();
    }
    store.pass(Duration::from_secs(30)).await;
}

async fn an_export_holds_everything_and_can_be_imported(store: Subject) {
    fill(&store).await;
    let lines = exported(&*store).await;
    assert_eq!(lines[0], r#"{"begin":{"version":1}}"#);
    assert_eq!(lines.last().unwrap(), r#"{"end":{"entries":1521}}"#);
    assert_eq!(lines.iter().filter(|line| line.starts_with(r#"{"item":"#)).count(), QUEUE_ITEMS);

    let other = Memory::new(&limits(), Clock::steady());
    let text = lines.join("\n");
    assert_eq!(import(&other, &mut text.as_bytes()).await.unwrap(), 1521);
    let again = exported(&other).await;
    match store.kind {
        // Its clock does not stand still: what is left to live differs by a moment.
        Kind::Redis => assert_eq!(without_ttl(&again), without_ttl(&lines)),
        _ => assert_eq!(sorted(&again), sorted(&lines)),
    }
}

async fn an_import_can_be_run_again(store: Subject) {
    let lines = r#"{"begin":{"version":1}}
{"value":{"key":"k","ttl_ms":60000,"base64":"AP8="}}
{"item":{"queue":"q","id":"i","due":7,"base64":"eA=="}}
{"end":{"entries":2}}
"#;
    for _ in 0..2 {
        assert_eq!(import(&*store, &mut lines.as_bytes()).await.unwrap(), 2);
        assert_eq!(store.get("k").await.unwrap(), Some(vec![0, 255]));
        assert_eq!(store.list("q", 9).await.unwrap(), [item("i", "x", 7)]);
    }
    store.pass(Duration::from_secs(60)).await;
    assert_eq!(store.get("k").await.unwrap(), None);
}

async fn access_tokens_are_left_out(store: Subject) {
    put(&*store, &keys::token("wx1", "token"), "74_aBcD").await;
    put(&*store, &keys::token("wx1", "lease"), "somebody").await;
    put(&*store, &keys::plugin("token", "count"), "7").await;
    let lines = exported(&*store).await;
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].contains(&keys::plugin("token", "count")), "{lines:?}");
}

async fn a_backup_is_a_whole_export_for_the_user_alone(store: Subject) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.jsonl");
    put(&*store, "key", "one").await;
    assert_eq!(backup(&*store, &file).await.unwrap(), 1);
    put(&*store, "other", "two").await;
    assert_eq!(backup(&*store, &file).await.unwrap(), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let other = Memory::new(&limits(), Clock::steady());
    let lines = std::fs::read(&file).unwrap();
    assert_eq!(import(&other, &mut lines.as_slice()).await.unwrap(), 2);
    backup(&*store, &folder.path().join("missing/backup.jsonl")).await.unwrap_err();
    backup(&*store, folder.path()).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

async fn what_has_another_prefix_is_not_seen(store: Subject) {
    let (kind, limits) = (store.kind, limits());
    let url = store.url();
    drop(store);
    let shop = Place::read(&url).unwrap().with_prefix("shop:").unwrap();
    let other = Place::read(&url).unwrap().with_prefix("other:").unwrap();
    let store = shop.open(&limits).unwrap();
    put(&*store, "key", "of the shop").await;
    store.push("queue", item("a", "of the shop", 1)).await.unwrap();
    store.swap("swapped", None, Some(b"x".into()), Duration::from_secs(60)).await.unwrap();
    drop(store);

    let store = other.open(&limits).unwrap();
    assert_eq!(store.get("key").await.unwrap(), None);
    assert_eq!(store.count("queue").await.unwrap(), 0);
    assert_eq!(store.get_item("queue", "a").await.unwrap(), None);
    put(&*store, "key", "of the other").await;
    drop(store);

    if kind != Kind::Memory {
        let lines = exported(&*shop.contents(&limits).unwrap()).await;
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert!(lines.iter().all(|line| !line.contains("shop:") && !line.contains("other")));
        let store = shop.open(&limits).unwrap();
        assert_eq!(store.get("key").await.unwrap(), Some(b"of the shop".into()));
        let leased = store.lease_due("queue", Duration::from_secs(30), 9).await.unwrap();
        assert!(store.remove_if("queue", "a", leased[0].token).await.unwrap());
    }
}

fn sorted(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    lines
}

fn without_ttl(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().map(|line| match line.split_once(r#""ttl_ms":"#) {
        Some((begin, end)) => {
            format!("{begin}{}", end.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => line.clone(),
    });
    sorted(&lines.collect::<Vec<_>>())
}
