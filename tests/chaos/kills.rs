//! The process is killed again and again while it owes answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rand::RngExt;
use tokio::task::block_in_place;
use tokio::time::sleep;
use wxbot_sim::{Act, Exchange, Follower, Kind, Verdict};
use wxbot_tests::redis::{Server, free_port};

use crate::town::{
    PROMISES_SOON, Town, awake, bot, bubbles, chance, nothing_is_late, number, serve,
};

/// Followers who write at the same time.
const WRITERS: usize = 30;
/// How long the answers take.
const TAKES: [&str; 4] = ["0.5", "1", "2", "3"];
/// Between a kill and the next one, in milliseconds.
const BETWEEN: std::ops::Range<u64> = 100..1500;
/// A call may reach WeChat so long after the kill of the process that made it, in milliseconds.
const IN_FLIGHT: u64 = 1000;

/// Of one message.
struct Told {
    follower: Follower,
    answer: String,
    exchange: Exchange,
}

pub(crate) fn on_a_file() {
    awake(survive("file:store"));
}

pub(crate) fn on_redis() {
    let server = Server::start(&[]);
    awake(survive(&server.url()));
}

async fn survive(store: &str) {
    let (port, mut chance) = (free_port(), chance());
    let town = Arc::new(Town::new(Kind::VerifiedService, port));
    let program =
        bot(port, store, &format!("{PROMISES_SOON}{}", town.account("main", "wechat")), "runs");
    let mut serving = serve(&program);
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (0..WRITERS).map(|_| tokio::spawn(write(Arc::clone(&town), Arc::clone(&over)))).collect();
    let mut kills = Vec::new();
    for _ in 0..number("WXBOT_KILLS", 100) / 2 {
        sleep(Duration::from_millis(chance.random_range(BETWEEN))).await;
        kills.push(town.wechat.clock().now_ms());
        block_in_place(|| serving.kill());
        serving = serve(&program);
    }
    over.store(true, Ordering::Relaxed);
    let told: Vec<_> =
        join_all(writers).await.into_iter().flat_map(|writer| writer.unwrap()).collect();
    nothing_is_late(&serving).await;
    ask_again(&told).await;
    judge(store, &told, &kills);
}

/// One new follower after the other asks something.
async fn write(town: Arc<Town>, over: Arc<AtomicBool>) -> Vec<Told> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let mut told = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let follower = town.wechat.follower(&format!("follower {n}"));
        let (takes, answer) = (TAKES[n % TAKES.len()], format!("done {n}"));
        let exchange = follower.does(Act::text(format!("after {takes} {answer}"))).await.unwrap();
        told.push(Told { follower, answer, exchange });
    }
    told
}

/// What was cut off while it was sent again and again may be with the follower or not, so it waits for
/// their next message.
async fn ask_again(told: &[Told]) {
    for Told { follower, exchange, .. } in told {
        if exchange.verdict == Verdict::Silence && bubbles(follower).is_empty() {
            follower.does(Act::text("1")).await.unwrap();
        }
    }
}

/// Whoever got `success` has the answer, once. What was on its way at a kill may come again, from
/// another process.
fn judge(store: &str, told: &[Told], kills: &[u64]) {
    let (mut acknowledged, mut passive, mut failed, mut doubled) = (0, 0, 0, 0);
    for Told { follower, answer, exchange } in told {
        let bubbles = bubbles(follower);
        assert!(bubbles.iter().all(|(_, text)| text == answer), "{bubbles:?}\n{exchange:#?}");
        match &exchange.verdict {
            Verdict::Silence => acknowledged += 1,
            Verdict::Reply(_) => passive += 1,
            _ => failed += 1,
        }
        let was_told = matches!(exchange.verdict, Verdict::Silence | Verdict::Reply(_));
        assert!(!was_told || !bubbles.is_empty(), "an answer is lost\n{exchange:#?}");
        doubled += usize::from(bubbles.len() > 1);
        for pair in bubbles.windows(2) {
            let between = pair[0].0.saturating_sub(IN_FLIGHT)..=pair[1].0;
            let is_excused = kills.iter().any(|kill| between.contains(kill));
            assert!(is_excused, "one process sent {bubbles:?}, kills: {kills:?}\n{exchange:#?}");
        }
    }
    println!(
        "{store}: {} kills, {} messages: {acknowledged} acknowledged and delivered, {passive} \
         answered at once, {failed} not delivered to any process, {doubled} on their way at a kill \
         and doubled",
        kills.len(),
        told.len()
    );
    assert!(acknowledged >= kills.len(), "answers were owed");
}
