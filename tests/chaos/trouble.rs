//! Redis is killed, hangs, comes back empty, refuses to write: followers do not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use wxbot_sim::{Act, Exchange, Kind};
use wxbot_tests::redis::{Server, free_port};

use crate::town::{Town, awake, bot, look, serve, until};

/// Followers who write at the same time.
const WRITERS: usize = 6;
const WORDS: [&str; 2] = ["hi", "after 1 done"];
/// Before, in and after the trouble.
const LASTS: Duration = Duration::from_secs(2);

pub(crate) fn killed() {
    awake(silences_nobody(Server::kill, Server::restart));
}

pub(crate) fn hung() {
    awake(silences_nobody(|redis| redis.signal("-STOP"), |redis| redis.signal("-CONT")));
}

pub(crate) fn replica() {
    let master = Server::start(&[]);
    let follow = format!("REPLICAOF 127.0.0.1 {}", master.port);
    let begin = |redis: &mut Server| redis.say::<()>(&follow);
    awake(silences_nobody(begin, |redis| redis.say("REPLICAOF NO ONE")));
}

async fn silences_nobody(begin: impl Fn(&mut Server), end: impl Fn(&mut Server)) {
    let (mut redis, port) = (Server::start(&[]), free_port());
    let town = Arc::new(Town::new(Kind::VerifiedService, port));
    let program = bot(port, &redis.url(), &town.account("main", "wechat"), "runs");
    let mut serving = serve(&program);
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..WRITERS).map(|_| tokio::spawn(write(Arc::clone(&town), Arc::clone(&over)))).collect();
    for _ in 0..2 {
        sleep(LASTS).await;
        begin(&mut redis);
        until("it says that it is degraded", || look(&serving, "/readyz").contains("degraded"))
            .await;
        assert!(look(&serving, "/metrics").contains("wxbot_store_degraded 1"));
        sleep(LASTS).await;
        end(&mut redis);
        until("it is ready again", || look(&serving, "/readyz") == "ready\n").await;
        assert!(look(&serving, "/metrics").contains("wxbot_store_degraded 0"));
    }
    sleep(LASTS).await;
    over.store(true, Ordering::Relaxed);
    let exchanges: Vec<_> = join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    exchanges.iter().for_each(is_answered);
    let lines = serving.log();
    for change in ["the store is degraded", "the store works again"] {
        let told = lines.iter().filter(|line| line.contains(change)).count();
        assert_eq!(told, 2, "{change}: one line per change\n{}", lines.join("\n"));
    }
    let slowest = exchanges.iter().flat_map(|one| &one.deliveries).map(|one| one.took).max();
    println!("{} messages, the slowest answer after {:?}", exchanges.len(), slowest.unwrap());
}

/// One new follower after the other asks something.
async fn write(town: Arc<Town>, over: Arc<AtomicBool>) -> Vec<Exchange> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let mut exchanges = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let follower = town.wechat.follower(&format!("follower {n}"));
        exchanges.push(follower.does(Act::text(WORDS[n % WORDS.len()])).await.unwrap());
        sleep(Duration::from_millis(50)).await;
    }
    exchanges
}

/// By its first delivery, which WeChat would have left after 5 s.
fn is_answered(exchange: &Exchange) {
    let answered = exchange.text().is_some_and(|text| text == "hi" || text == "done");
    assert!(answered && exchange.deliveries.len() == 1, "{exchange:#?}");
}
