//! What followers see, and when: on every kind of account, of plugins that take their time, with a
//! store that is in trouble meanwhile.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rand::RngExt;
use tokio::task::block_in_place;
use tokio::time::sleep;
use wxbot_sim::{Act, Follower, Kind};
use wxbot_tests::redis::{Server, free_port};

use crate::town::{Town, awake, bot, bubbles, chance, number, serve};

/// What is said, how long that takes in seconds, and the answer that has to come, if one has.
struct Row {
    said: &'static str,
    takes: u64,
    answer: Option<&'static str>,
}

const ROWS: &[Row] = &[
    Row { said: "after 3 done", takes: 3, answer: Some("done") },
    Row { said: "after 8 done", takes: 8, answer: Some("done") },
    Row { said: "after 12 done", takes: 12, answer: Some("done") },
    Row { said: "after 20 done", takes: 20, answer: Some("done") },
    Row { said: "after 90 done", takes: 90, answer: Some("done") },
    Row { said: "block 8", takes: 8, answer: Some("blocked") },
    Row { said: "silent 8", takes: 8, answer: None },
    Row { said: "panic", takes: 0, answer: None },
];
/// Of the threads that one plugin may block, each kind of account has these.
const MAX_BLOCKED: usize = 12;
/// WeChat hangs up after 5 s; a machine that is busy may see that a little later.
const OPEN: Duration = Duration::from_millis(5250);
/// WeChat has the answer, or the follower has the notice.
const WINDOW: u64 = 15;
/// Behind what was expected.
const ENOUGH: u64 = 5;
/// They do not all write at once.
const SPREAD: u64 = 5000;
/// When the store's trouble begins, and how long it lasts: while all kinds of answers are awaited,
/// and promises are made.
const QUIET: Duration = Duration::from_secs(9);
const TROUBLE: Duration = Duration::from_secs(5);

pub(crate) fn of_what_followers_see() {
    awake(seen("file", "file:store"));
}

pub(crate) fn of_what_followers_see_of_redis() {
    awake(async {
        tokio::join!(
            with_trouble("killed", Server::kill, Server::restart),
            with_trouble("stopped", |redis| redis.signal("-STOP"), |redis| redis.signal("-CONT")),
            with_trouble("emptied", |redis| redis.say("FLUSHALL"), |_| {}),
        );
    });
}

async fn with_trouble(what: &str, begin: impl Fn(&mut Server), end: impl Fn(&mut Server)) {
    let mut redis = Server::start(&[]);
    let (url, what) = (redis.url(), format!("redis, {what}"));
    let trouble = async {
        sleep(QUIET).await;
        block_in_place(|| begin(&mut redis));
        sleep(TROUBLE).await;
        block_in_place(|| end(&mut redis));
    };
    tokio::join!(seen(&what, &url), trouble);
}

async fn seen(what: &str, store: &str) {
    let (port, mut chance) = (free_port(), chance());
    let towns: Vec<_> =
        Kind::ALL.iter().map(|kind| Arc::new(Town::with_path(*kind, port, kind.name()))).collect();
    let accounts: String = Kind::ALL
        .iter()
        .zip(&towns)
        .map(|(kind, town)| town.account(kind.name(), kind.name()))
        .collect();
    let program = bot(port, store, &accounts, "runs");
    let _serving = serve(&program);
    let all = number("WXBOT_FOLLOWERS", 8);
    let cells = towns.iter().flat_map(|town| ROWS.iter().map(move |row| (town, row)));
    let cells = cells.map(|(town, row)| {
        let count = if row.said.starts_with("block") { all.min(MAX_BLOCKED) } else { all };
        let begins: Vec<_> = (0..count).map(|_| chance.random_range(0..SPREAD)).collect();
        cell(Arc::clone(town), row, begins)
    });
    let cells: Vec<String> = join_all(cells).await;
    println!("{what}: {all} messages each\n{}", table(&cells));
}

/// One kind of message on one kind of account: what its followers saw.
async fn cell(town: Arc<Town>, row: &'static Row, begins: Vec<u64>) -> String {
    let followers = begins.into_iter().enumerate().map(|(n, begins)| {
        let town = Arc::clone(&town);
        tokio::spawn(async move {
            sleep(Duration::from_millis(begins)).await;
            ask(&town, row, n).await
        })
    });
    let seen = join_all(followers).await.into_iter().map(Result::unwrap);
    let mut alike: BTreeMap<Vec<String>, Vec<Vec<u64>>> = BTreeMap::new();
    for bubbles in seen {
        let (times, texts) = bubbles.into_iter().unzip();
        alike.entry(texts).or_default().push(times);
    }
    let alike = alike.iter().map(|(texts, times)| words(texts, times));
    alike.collect::<Vec<_>>().join(" | ")
}

/// One message: what is on the follower's phone, with milliseconds since.
async fn ask(town: &Town, row: &Row, n: usize) -> Vec<(u64, String)> {
    let Row { said, takes, answer } = *row;
    let follower = town.wechat.follower(&format!("{said} {n}"));
    let began = town.wechat.clock().now_ms();
    let exchange = follower.does(Act::text(said)).await.unwrap();
    assert_eq!(exchange.failure(), None, "{exchange:#?}");
    for delivery in &exchange.deliveries {
        assert!(delivery.took <= OPEN, "{exchange:#?}");
    }
    let waited = town.wechat.clock().now_ms() - began;
    let all = (takes.max(WINDOW) + ENOUGH) * 1000;
    sleep(Duration::from_millis(all.saturating_sub(waited))).await;
    if exchange.text().is_some_and(|text| text.contains("发送「1」")) {
        follower.does(Act::text("1")).await.unwrap();
    }
    let answers = bubbles(&follower).into_iter().filter(|(_, text)| Some(&**text) == answer);
    assert_eq!(answers.count(), usize::from(answer.is_some()), "{said}: {exchange:#?}");
    since(began, &follower)
}

fn since(began: u64, follower: &Follower) -> Vec<(u64, String)> {
    let named = |text: String| if text.contains("发送「1」") { "notice".into() } else { text };
    bubbles(follower).into_iter().map(|(at, text)| (at - began, named(text))).collect()
}

/// What followers saw, who all saw the same, from when to when.
fn words(texts: &[String], times: &[Vec<u64>]) -> String {
    if texts.is_empty() {
        return "nothing".into();
    }
    let seconds = |time: Option<u64>| time.unwrap_or_default() as f64 / 1000.0;
    let bubbles = texts.iter().enumerate().map(|(n, text)| {
        let of = || times.iter().map(|times| times[n]);
        format!("{:.1}-{:.1} {text}", seconds(of().min()), seconds(of().max()))
    });
    bubbles.collect::<Vec<_>>().join(", ")
}

fn table(cells: &[String]) -> String {
    let mut table = format!("{:24}", "seconds until, what");
    ROWS.iter().for_each(|row| write!(table, " {:32}", row.said).unwrap());
    table.push('\n');
    for (kind, cells) in Kind::ALL.iter().zip(cells.chunks(ROWS.len())) {
        write!(table, "{:24}", kind.name()).unwrap();
        cells.iter().for_each(|cell| write!(table, " {cell:32}").unwrap());
        table.push('\n');
    }
    table
}
