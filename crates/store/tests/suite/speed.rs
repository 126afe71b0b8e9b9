//! How fast: `cargo test -p wxbot-store --test suite -- speed --ignored --nocapture --test-threads 1`
//! prints a line for each store, call and number of callers; with `--release` what a bot would see.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::{Store, SwapRequest};
use wxbot_store::{Address, File, Limits, Redis};
use wxbot_tests::redis::Server;

pub(crate) const TESTS: &[(&str, fn())] = &[("calls_of_file", file), ("calls_of_redis", redis)];

const TIME: Duration = Duration::from_secs(3);
const TTL: Duration = Duration::from_secs(600);

/// A call with a name of its own.
type Call = fn(Arc<dyn Store>, String) -> Pin<Box<dyn Future<Output = ()> + Send>>;

fn file() {
    let folder = tempfile::tempdir().unwrap();
    let store = File::open(folder.path(), &Limits::default(), Clock::steady()).unwrap();
    measure("file", Arc::new(store));
}

fn redis() {
    let server = Server::start(&[]);
    let address = Address::read(&server.url()).unwrap();
    measure("redis", Arc::new(Redis::open(&address, &Limits::default()).unwrap()));
}

fn measure(name: &str, store: Arc<dyn Store>) {
    let calls: [(&str, Call); 4] = [
        ("puts of 200 bytes", |store, key| {
            Box::pin(async move { store.put(&key, vec![7; 200], TTL).await.unwrap() })
        }),
        ("gets", |store, key| Box::pin(async move { drop(store.get(&key).await.unwrap()) })),
        ("times two swaps", |store, key| {
            Box::pin(async move {
                for SwapRequest { key, expected, new, ttl } in claim(&key) {
                    store.swap(&key, expected.as_deref(), new, ttl).await.unwrap();
                }
            })
        }),
        ("swap_alls of two", |store, key| {
            Box::pin(async move { drop(store.swap_all(claim(&key)).await.unwrap()) })
        }),
    ];
    for (what, call) in calls {
        for callers in [1, 16, 256] {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let per_second = runtime.block_on(per_second(&store, callers, call));
            println!("{name}: {callers:>3} callers, {per_second:>6} {what}/s");
        }
    }
}

/// A message is claimed, and stands in its follower's line.
fn claim(key: &str) -> Vec<SwapRequest> {
    let claim = |kind: &str| SwapRequest {
        key: format!("{kind}/{key}"),
        expected: None,
        new: Some(vec![7; 100]),
        ttl: Duration::from_millis(1),
    };
    vec![claim("message"), claim("turn")]
}

async fn per_second(store: &Arc<dyn Store>, callers: u64, call: Call) -> u64 {
    let (count, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let caller = |caller| {
        let (store, count) = (Arc::clone(store), Arc::clone(&count));
        tokio::spawn(async move {
            for n in 0.. {
                if started.elapsed() > TIME {
                    return;
                }
                call(Arc::clone(&store), format!("{caller} {}", n % 1000)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    for caller in (0..callers).map(caller).collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    count.load(Ordering::Relaxed) * 1000 / started.elapsed().as_millis() as u64
}
