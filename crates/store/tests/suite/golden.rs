//! What was written once is read for ever: `tests/golden` has it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wxbot_sdk::store::{FencingToken, QueuedItem, Store};
use wxbot_store::{Address, Limits, Redis};
use wxbot_tests::redis::Server;

use crate::subject::{awake, item, place};

pub(crate) const OF_FILE: (&str, fn()) = ("a_file_of_this_version_is_read", file);
pub(crate) const OF_REDIS: (&str, fn()) = ("a_redis_of_this_version_is_read", redis);

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(golden("file.2.redb"), folder.path().join("wxbot.redb")).unwrap();
    let store = place(folder.path()).open(&Limits::default()).unwrap();
    awake(check(store));
}

fn redis() {
    let server = Server::start(&[]);
    for words in std::fs::read_to_string(golden("redis.1.txt")).unwrap().lines() {
        let _: redis::Value = server.say(words);
    }
    let address = Address::read(&server.url()).unwrap();
    awake(check(Arc::new(Redis::open(&address, &Limits::default()).unwrap())));
}

/// A value, an item that is due and one that is leased; all can be changed.
async fn check(store: Arc<dyn Store>) {
    let value = store.get("turn/4:main/oABC1").await.unwrap();
    assert_eq!(value.as_deref(), Some(&b"first"[..]));
    let due = QueuedItem {
        item: item("a1", "answer", 1_735_689_600_000),
        token: FencingToken(u64::MAX),
        is_leased: false,
    };
    let leased = QueuedItem {
        item: item("b2", "promise", 1_735_689_700_000),
        token: FencingToken(7),
        is_leased: true,
    };
    assert_eq!(store.list_after("outbox", None, 9).await.unwrap(), [due, leased]);
    assert_eq!(store.count("outbox").await.unwrap(), 2);
    assert!(store.remove_if("outbox", "a1", FencingToken(u64::MAX)).await.unwrap());
    assert!(store.remove_if("outbox", "b2", FencingToken(7)).await.unwrap());
    assert_eq!(store.count("outbox").await.unwrap(), 0);
}
