//! What followers see, and when: every kind of account, and plugins that take their time.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::sleep;
use wxbot_sim::{Act, Follower, Kind};
use wxbot_tests::redis::free_port;

use crate::town::{Town, awake, bot, bubbles, serve};

/// What is said, and the answer that has to come, if one has.
const ROWS: &[(&str, Option<&str>)] = &[
    ("after 3 done", Some("done")),
    ("after 8 done", Some("done")),
    ("after 12 done", Some("done")),
    ("after 20 done", Some("done")),
    ("block 8", Some("blocked")),
    ("silent 8", None),
    ("panic", None),
];
/// WeChat hangs up after 5 s; a machine that is busy may see that a little later.
const OPEN: Duration = Duration::from_millis(5250);
/// Longer than the longest answer takes.
const ALL: Duration = Duration::from_secs(25);

pub(crate) fn of_what_followers_see() {
    awake(seen());
}

async fn seen() {
    let port = free_port();
    let towns: Vec<_> =
        Kind::ALL.iter().map(|kind| Arc::new(Town::with_path(*kind, port, kind.name()))).collect();
    let accounts: String = Kind::ALL
        .iter()
        .zip(&towns)
        .map(|(kind, town)| town.account(kind.name(), kind.name()))
        .collect();
    let program = bot(port, "file:store", &accounts, "runs");
    let _serving = serve(&program);
    let cells = towns.iter().flat_map(|town| {
        ROWS.iter().map(|(said, answer)| tokio::spawn(cell(Arc::clone(town), said, *answer)))
    });
    let cells: Vec<String> = join_all(cells).await.into_iter().map(Result::unwrap).collect();
    print!("{}", table(&cells));
}

/// One message on one kind of account: what its follower saw.
async fn cell(town: Arc<Town>, said: &str, answer: Option<&str>) -> String {
    let follower = town.wechat.follower(said);
    let began = town.wechat.clock().now_ms();
    let exchange = follower.does(Act::text(said)).await.unwrap();
    assert_eq!(exchange.failure(), None, "{exchange:#?}");
    for delivery in &exchange.deliveries {
        assert!(delivery.took <= OPEN, "{exchange:#?}");
    }
    let waited = Duration::from_millis(town.wechat.clock().now_ms() - began);
    sleep(ALL.saturating_sub(waited)).await;
    if exchange.text().is_some_and(|text| text.contains("发送「1」")) {
        follower.does(Act::text("1")).await.unwrap();
    }
    let answers = bubbles(&follower).into_iter().filter(|(_, text)| Some(&**text) == answer);
    assert_eq!(answers.count(), usize::from(answer.is_some()), "{said}: {exchange:#?}");
    words(&follower, began)
}

/// What is on the phone, with seconds since the message.
fn words(follower: &Follower, began: u64) -> String {
    let seen = bubbles(follower).into_iter().map(|(at, text)| {
        let text = if text.contains("发送「1」") { "notice" } else { &text };
        format!("{:.1} {text}", (at - began) as f64 / 1000.0)
    });
    let seen = seen.collect::<Vec<_>>().join(", ");
    if seen.is_empty() { "nothing".into() } else { seen }
}

fn table(cells: &[String]) -> String {
    let mut table = format!("{:24}", "seconds until, what");
    ROWS.iter().for_each(|(said, _)| write!(table, " {said:24}").unwrap());
    table.push('\n');
    for (kind, cells) in Kind::ALL.iter().zip(cells.chunks(ROWS.len())) {
        write!(table, "{:24}", kind.name()).unwrap();
        cells.iter().for_each(|cell| write!(table, " {cell:24}").unwrap());
        table.push('\n');
    }
    table
}
