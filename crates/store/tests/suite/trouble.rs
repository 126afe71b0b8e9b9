//! Redis down, hung, empty again, a replica, or told to forget its scripts: calls fail soon, the
//! store says that it is degraded, and all is well again when Redis is.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use wxbot_sdk::store::{FencingToken, Health, Store, StoreError, Swap};
use wxbot_store::{Address, Limits, Redis};
use wxbot_tests::redis::{Server, until};

use crate::subject::{awake, item, put};

/// A call that is bounded takes half a second; one that is not, seconds or for ever.
const BOUND: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a_redis_that_is_not_there_yet_is_no_error_at_the_start", || awake(not_there_yet())),
    ("calls_fail_soon_while_redis_is_down_and_work_when_it_is_back", || awake(down())),
    ("calls_fail_soon_while_redis_hangs_and_work_when_it_goes_on", || awake(hung())),
    ("many_calls_at_once_do_not_wait_for_each_other", || awake(crowded())),
    ("a_redis_that_started_anew_is_empty_and_works", || awake(started_anew())),
    ("a_replica_is_no_store_until_it_is_a_master", || awake(replica())),
    ("scripts_are_sent_again_after_a_flush", || awake(flushed())),
    ("a_full_redis_is_degraded_and_can_still_be_read", || awake(full())),
    ("an_unexpected_type_fails_its_own_calls_and_is_told", || awake(wrong_type())),
    ("who_watches_hears_of_it_when_redis_is_back", || awake(watched())),
    ("who_waits_does_not_ask_redis", || awake(waiting())),
    ("a_wrong_password_is_an_error_without_it", || awake(wrong_password())),
    ("a_right_password_opens", || awake(right_password())),
];

fn store(url: &str) -> Redis {
    Redis::open(&Address::read(url).unwrap(), &Limits::default()).unwrap()
}

fn is_degraded(store: &Redis) -> bool {
    matches!(store.health(), Health::Degraded { .. })
}

fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

/// Every kind of call fails within the bound, until the breaker is open and after.
async fn all_calls_fail_soon(store: &Redis) {
    let token = FencingToken(7);
    for _ in 0..2 {
        let started = Instant::now();
        store.get("key").await.unwrap_err();
        store.put("key", vec![], MINUTE).await.unwrap_err();
        store.delete("key").await.unwrap_err();
        store.swap("key", None, None, MINUTE).await.unwrap_err();
        store.push("queue", item("a", "", 1)).await.unwrap_err();
        store.push_leased("queue", "a", vec![], MINUTE).await.unwrap_err();
        store.remove("queue", "a").await.unwrap_err();
        store.list("queue", 1).await.unwrap_err();
        store.get_item("queue", "a").await.unwrap_err();
        store.list_after("queue", None, 1).await.unwrap_err();
        store.count("queue").await.unwrap_err();
        store.lease_due("queue", MINUTE, 1).await.unwrap_err();
        store.renew("queue", "a", token, MINUTE, None).await.unwrap_err();
        store.update_if("queue", item("a", "", 1), token).await.unwrap_err();
        store.remove_if("queue", "a", token).await.unwrap_err();
        store.now().await.unwrap_err();
        drop(store.watch("key").await);
        store.ping().await.unwrap_err();
        assert!(started.elapsed() < BOUND, "they took {:?}", started.elapsed());
    }
    assert!(is_degraded(store));
}

async fn works_again(store: &Redis) {
    until("the breaker closes", || async { store.ping().await.is_ok() }).await;
    put(store, "key", "again").await;
    assert_eq!(store.get("key").await.unwrap(), Some(b"again".to_vec()));
    assert_eq!(store.health(), Health::Good);
}

async fn not_there_yet() {
    let mut server = Server::start(&[]);
    server.kill();
    let store = store(&server.url());
    all_calls_fail_soon(&store).await;
    server.restart();
    works_again(&store).await;
}

async fn down() {
    let mut server = Server::start(&[]);
    let store = store(&server.url());
    put(&store, "key", "before").await;
    server.kill();
    all_calls_fail_soon(&store).await;
    let resting = store.ping().await.unwrap_err();
    let why = cause(&resting);
    assert!(why.starts_with("Redis failed a moment ago"), "{why}");
    server.restart();
    works_again(&store).await;
}

async fn hung() {
    let server = Server::start(&[]);
    let store = store(&server.url());
    put(&store, "key", "before").await;
    server.signal("-STOP");
    all_calls_fail_soon(&store).await;
    server.signal("-CONT");
    works_again(&store).await;
}

async fn crowded() {
    let server = Server::start(&[]);
    let store = std::sync::Arc::new(store(&server.url()));
    server.signal("-STOP");
    let started = Instant::now();
    let calls = (0..500).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.get(&n.to_string()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap_err();
    }
    assert!(started.elapsed() < BOUND, "they took {:?}", started.elapsed());
    server.signal("-CONT");
    works_again(&store).await;
}

async fn started_anew() {
    let mut server = Server::start(&[]);
    let store = store(&server.url());
    put(&store, "key", "before").await;
    store.push("queue", item("a", "", 1)).await.unwrap();
    server.kill();
    server.restart();
    works_again(&store).await;
    assert_eq!(store.list("queue", 9).await.unwrap(), []);
    assert_eq!(store.swap("other", None, Some(vec![1]), MINUTE).await.unwrap(), Swap::Done);
}

async fn replica() {
    let master = Server::start(&[]);
    let server = Server::start(&[]);
    let store = store(&server.url());
    put(&store, "key", "before").await;
    let _: () = server.say(&format!("REPLICAOF 127.0.0.1 {}", master.port));
    // Until it has the master's data, it may answer LOADING or MASTERDOWN, too.
    until("writes are refused", || async {
        let refused = store.ping().await.is_err_and(|error| cause(&error).contains("replica"));
        refused && is_degraded(&store)
    })
    .await;
    store.push("queue", item("a", "", 1)).await.unwrap_err();
    until("it can be read", || async { store.get("key").await.is_ok() }).await;
    assert!(is_degraded(&store), "reading alone does not make it good");
    assert_eq!(store.lease_due("empty", MINUTE, 1).await.unwrap(), []);
    assert!(!store.remove("empty", "a").await.unwrap_or(false));
    assert!(is_degraded(&store), "nor does a script that finds nothing to write");
    let _: () = server.say("REPLICAOF NO ONE");
    works_again(&store).await;
    store.push("queue", item("a", "", 1)).await.unwrap();
}

async fn flushed() {
    let server = Server::start(&[]);
    let store = store(&server.url());
    for due in 1..4 {
        let _: () = server.say("SCRIPT FLUSH");
        store.push("queue", item("a", "x", due)).await.unwrap();
        let _: () = server.say("SCRIPT FLUSH");
        assert_eq!(store.list("queue", 9).await.unwrap(), [item("a", "x", due)]);
    }
    let calls: String = server.say("INFO commandstats");
    let by_hash = calls.lines().find(|line| line.starts_with("cmdstat_evalsha")).unwrap();
    assert!(by_hash.contains("calls=6"), "each is asked for by its hash first: {by_hash}");
}

async fn full() {
    let server = Server::start(&[]);
    let store = store(&server.url());
    put(&store, "key", "before").await;
    let _: () = server.say("CONFIG SET maxmemory 1");
    store.put("key", vec![], MINUTE).await.unwrap_err();
    assert!(is_degraded(&store));
    assert_eq!(store.get("key").await.unwrap(), Some(b"before".to_vec()));
    assert!(is_degraded(&store), "reading alone does not make it good");
    let _: () = server.say("CONFIG SET maxmemory 0");
    put(&store, "key", "after").await;
    assert_eq!(store.health(), Health::Good);
}

async fn wrong_type() {
    let server = Server::start(&[]);
    let store = store(&server.url());
    let _: () = server.say("LPUSH wxbot:v:list x");
    for _ in 0..5 {
        store.get("list").await.unwrap_err();
        store.swap("list", None, None, MINUTE).await.unwrap_err();
    }
    let Health::Degraded { why, .. } = store.health() else { panic!("it is degraded") };
    assert!(why.starts_with("`wxbot:v:list`: ") && why.contains("WRONGTYPE"), "{why}");
    put(&store, "key", "works").await;
    store.ping().await.unwrap();
    assert!(is_degraded(&store), "nothing can be kept there");
    let _: () = server.say("DEL wxbot:v:list");
    assert_eq!(store.get("list").await.unwrap(), None);
    assert_eq!(store.health(), Health::Good);
    let _: () = server.say("SET wxbot:{q:outbox}:due x");
    for _ in 0..2 {
        store.lease_due("outbox", MINUTE, 9).await.unwrap_err();
        assert!(is_degraded(&store));
    }
    let _: () = server.say("DEL wxbot:{q:outbox}:due");
    store.lease_due("outbox", MINUTE, 9).await.unwrap();
    assert_eq!(store.health(), Health::Good);
}

async fn watched() {
    let mut server = Server::start(&[]);
    let (store, other) = (store(&server.url()), store(&server.url()));
    let mut watch = store.watch("turn").await;
    server.kill();
    server.restart();
    // What was changed while nobody could hear may be anything.
    timeout(BOUND, watch.changed()).await.unwrap();
    works_again(&other).await;
    let started = Instant::now();
    loop {
        let found = other.get("turn").await.unwrap();
        other.swap("turn", found.as_deref(), Some(vec![1]), MINUTE).await.unwrap();
        if timeout(Duration::from_millis(20), watch.changed()).await.is_ok() {
            break;
        }
        assert!(started.elapsed() < BOUND, "nothing was heard");
    }
}

/// Calls of a command until now.
fn calls(server: &Server, command: &str) -> u64 {
    let stats: String = server.say("INFO commandstats");
    let begin = format!("cmdstat_{command}:calls=");
    let line = stats.lines().find_map(|line| line.strip_prefix(&begin));
    line.map_or(0, |rest| rest.split(',').next().unwrap().parse().unwrap())
}

async fn waiting() {
    const WAITING: usize = 2000;
    let server = Server::start(&[]);
    let (store, other) = (store(&server.url()), store(&server.url()));
    let keys: Vec<_> = (0..WAITING).map(|n| format!("message/{n}")).collect();
    let watches = keys.iter().map(|key| store.watch(key));
    let mut watches = futures_util::future::join_all(watches).await;
    for key in &keys {
        other.swap(key, None, Some(vec![1]), MINUTE).await.unwrap();
    }
    for watch in &mut watches {
        timeout(BOUND, watch.changed()).await.unwrap();
    }
    let heard = calls(&server, "subscribe");
    assert!(heard < 100, "{WAITING} that wait at once asked {heard} times");
    assert_eq!(calls(&server, "get"), calls(&server, "publish"), "only swaps looked");
    drop(watches);
    let listening = || async { server.say::<Vec<String>>("PUBSUB CHANNELS *").is_empty() };
    until("nobody listens", listening).await;
}

async fn wrong_password() {
    let server = Server::start(&["--requirepass", "right"]);
    for url in [server.url(), server.url().replace("//", "//:hunter2@")] {
        let store = store(&url);
        for _ in 0..3 {
            let error = store.ping().await.unwrap_err();
            assert!(matches!(error, StoreError::Unreachable(_)));
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        assert!(is_degraded(&store));
        assert!(!format!("{:?}", store.health()).contains("hunter2"));
    }
}

async fn right_password() {
    let server = Server::start(&["--requirepass", "p@ss/word"]);
    let store = store(&server.url().replace("//", "//:p%40ss%2Fword@"));
    put(&store, "key", "works").await;
}
