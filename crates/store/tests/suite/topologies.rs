//! Redis behind Sentinel, and as a cluster.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use wxbot_sdk::store::{Health, Store, Swap};
use wxbot_store::{Address, Contents, Limits, Redis};
use wxbot_tests::redis::{Server, until};

use crate::subject::{awake, item, put};

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a_sentinel_leads_to_the_master_and_to_the_next_one", || awake(sentinel())),
    ("sentinels_that_are_not_there_are_left_out", || awake(some_sentinels())),
    ("an_unknown_master_is_an_error_that_says_so", || awake(unknown_master())),
    ("a_cluster_is_a_store", || awake(cluster())),
    ("databases_and_prefixes_keep_bots_apart", || awake(apart())),
];

const HOUR: Duration = Duration::from_secs(3600);

fn store(url: &str) -> Redis {
    Redis::open(&Address::read(url).unwrap(), &Limits::default()).unwrap()
}

fn sentinel_of(master: &Server) -> Server {
    let port = master.port;
    Server::sentinel(&format!(
        "sentinel monitor main 127.0.0.1 {port} 1\nsentinel down-after-milliseconds main 200\n\
         sentinel failover-timeout main 2000\n"
    ))
}

async fn sentinel() {
    let mut master = Server::start(&[]);
    let replica = Server::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let sentinel = sentinel_of(&master);
    let store = store(&format!("redis+sentinel://127.0.0.1:{}/main/0", sentinel.port));
    put(&store, "key", "before").await;
    until("Sentinel knows the replica, which has what was written", || async {
        let known: String = sentinel.say("INFO sentinel");
        known.contains("slaves=1") && replica.say::<u64>("DBSIZE") >= 1
    })
    .await;
    master.kill();
    until("the replica is the master", || async { store.ping().await.is_ok() }).await;
    assert_eq!(store.get("key").await.unwrap(), Some(b"before".to_vec()));
    assert_eq!(store.health(), Health::Good);
    let role: Vec<redis::Value> = replica.say("ROLE");
    assert_eq!(role[0], redis::Value::BulkString(b"master".to_vec()));
}

async fn some_sentinels() {
    let master = Server::start(&[]);
    let sentinel = sentinel_of(&master);
    let mut gone = Server::start(&[]);
    let hung = Server::start(&[]);
    gone.kill();
    hung.signal("-STOP");
    let [gone, hung, there] = [&gone, &hung, &sentinel].map(|one| one.port);
    let url = format!("redis+sentinel://127.0.0.1:{gone},127.0.0.1:{hung},127.0.0.1:{there}/main");
    put(&store(&url), "key", "found").await;
}

async fn unknown_master() {
    let master = Server::start(&[]);
    let sentinel = sentinel_of(&master);
    let store = store(&format!("redis+sentinel://127.0.0.1:{}/other", sentinel.port));
    let error = store.ping().await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("no master of this name"), "{why}");
}

async fn cluster() {
    let nodes: Vec<_> = (0..3).map(|_| Server::start(&["--cluster-enabled", "yes"])).collect();
    let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
    let addresses: Vec<_> = addresses.collect();
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(&addresses).arg("--cluster-yes");
    assert!(create.stdout(Stdio::null()).status().unwrap().success());
    until("all nodes know all slots", || async {
        nodes.iter().all(|node| node.say::<String>("CLUSTER INFO").contains("cluster_state:ok"))
    })
    .await;

    let store = store(&format!("redis+cluster://{}", addresses.join(",")));
    for n in 0..30 {
        let (key, queue) = (format!("key {n}"), format!("queue {n}"));
        put(&store, &key, "value").await;
        let swap = store.swap(&key, Some(b"value"), Some(b"other".to_vec()), HOUR).await;
        assert_eq!(swap.unwrap(), Swap::Done);
        store.push(&queue, item("a", "x", n)).await.unwrap();
        let leased = store.lease_due(&queue, Duration::from_secs(9), 9).await.unwrap().remove(0);
        assert!(store.update_if(&queue, item("a", "y", 99), leased.token).await.unwrap());
        assert_eq!(store.list(&queue, 9).await.unwrap(), [item("a", "y", 99)]);
    }
    store.ping().await.unwrap();
    assert_eq!(keys_of(&store).await, (0..30).map(|n| format!("key {n}")).collect());
    let sizes: Vec<u64> = nodes.iter().map(|node| node.say("DBSIZE")).collect();
    assert!(sizes.iter().all(|size| *size > 0), "all nodes have a part: {sizes:?}");
    for n in 0..30 {
        assert!(store.remove(&format!("queue {n}"), "a").await.unwrap());
        let swap = store.swap(&format!("key {n}"), Some(b"other"), None, Duration::ZERO).await;
        assert_eq!(swap.unwrap(), Swap::Done);
    }
    assert!(keys_of(&store).await.is_empty());
}

/// Of all nodes, page by page.
async fn keys_of(store: &Redis) -> BTreeSet<String> {
    let (mut keys, mut from) = (BTreeSet::new(), None);
    loop {
        let found = store.values("key ", from).await.unwrap();
        keys.extend(found.page.into_iter().map(|value| value.key));
        from = found.next;
        if from.is_none() {
            return keys;
        }
    }
}

async fn apart() {
    let server = Server::start(&[]);
    let url = server.url();
    let one = store(&url);
    put(&one, "key", "mine").await;
    for other in [url.replace("/0", "/1"), format!("{url}?prefix=other:")] {
        let other = store(&other);
        assert_eq!(other.get("key").await.unwrap(), None);
        assert!(other.page(None).await.unwrap().entries.is_empty());
    }
    assert_eq!(one.page(None).await.unwrap().entries.len(), 1);
}
