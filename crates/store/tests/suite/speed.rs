//! How fast: `cargo test -p wxbot-store --test suite -- speed --ignored --nocapture --test-threads 1`
//! prints a line for each store and number of writers; with `--release` what a bot would see.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{Address, File, Limits, Redis};
use wxbot_tests::redis::Server;

pub(crate) const TESTS: &[(&str, fn())] = &[("puts_of_file", file), ("puts_of_redis", redis)];

const TIME: Duration = Duration::from_secs(3);

fn file() {
    let folder = tempfile::tempdir().unwrap();
    let store = File::open(folder.path(), &Limits::default(), Clock::system()).unwrap();
    measure("file", Arc::new(store));
}

fn redis() {
    let server = Server::start(&[]);
    let address = Address::read(&server.url()).unwrap();
    measure("redis", Arc::new(Redis::open(&address, &Limits::default()).unwrap()));
}

fn measure(name: &str, store: Arc<dyn Store>) {
    for writers in [1, 16, 256] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let per_second = runtime.block_on(puts_per_second(&store, writers));
        println!("{name}: {writers:>3} writers, {per_second:>6} puts/s of 200 bytes");
    }
}

async fn puts_per_second(store: &Arc<dyn Store>, writers: u64) -> u64 {
    let (count, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let writer = |writer| {
        let (store, count) = (Arc::clone(store), Arc::clone(&count));
        tokio::spawn(async move {
            for n in 0.. {
                if started.elapsed() > TIME {
                    return;
                }
                let key = format!("{writer} {}", n % 1000);
                store.put(&key, vec![7; 200], Duration::from_secs(600)).await.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    for writer in (0..writers).map(writer).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    count.load(Ordering::Relaxed) * 1000 / started.elapsed().as_millis() as u64
}
