//! What each stop of the road costs one message, in this process: nanoseconds and allocations.
//!
//! `cargo bench -p wxbot-tests --bench stops` prints a table. The nanoseconds are the 25th
//! percentile of many batches, which a busy machine disturbs least; the allocations are exact.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use wxbot::assembly::Assembly;
use wxbot::config::Source;
use wxbot_core::account::{Account, AccountSettings};
use wxbot_core::delivery::{Delivery, text_message};
use wxbot_core::envelope;
use wxbot_core::message::Message;
use wxbot_core::road::Post;
use wxbot_core::signature::{Query, verify};

use wxbot_plugin_echo as _;

const NOW: u64 = 1_735_689_700;
const BATCHES: usize = 600;
const BATCH: usize = 200;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("run it with `cargo bench -p wxbot-tests --bench stops`");
    }
    println!("| stop | ns | allocations |\n| --- | --- | --- |");
    let text = "公众号机器人".repeat(16);
    let message = text_message("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG", NOW, &text);
    let [plain, safe] = ["plain", "safe"].map(account);
    let delivery = plain.deliver(&message, NOW, "1357924680", [7; 16]);
    row("query read and signature verified", || {
        let query = Query::parse(&delivery.query).expect("the query is right");
        verify(&plain, &query, NOW).expect("the signature is right");
    });
    row("body read into fields", || envelope::read(message.as_bytes()).expect("the body is right"));
    let (fields, _) = envelope::read(message.as_bytes()).expect("the body is right");
    row("fields copied and typed", || Message::read(fields.clone()).expect("the fields are right"));
    let sealed = safe.deliver(&message, NOW, "1357924680", [7; 16]);
    whole("the whole road, plain", "plain", &delivery, 0);
    whole("… with 1,000 entries before that do not match", "plain", &delivery, 1000);
    whole("the whole road, safe", "safe", &sealed, 0);
}

/// From query and body to the reply's bytes, with `idle` links that are not meant.
fn whole(name: &str, mode: &str, delivery: &Delivery, idle: usize) {
    let (assembly, runtime) = (assemble(mode, idle), runtime());
    let bot = &assembly.bot;
    let door = &bot.doors()[0];
    let body = bytes_of(&delivery.body);
    row(name, || {
        let body = body.clone();
        let body = async move { Ok(body) };
        let arrived = tokio::time::Instant::now();
        let post = Post { query: &delivery.query, body, arrived, now: NOW };
        runtime.block_on(bot.answer(door, post)).expect("the message is right")
    });
}

fn bytes_of(body: &str) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(body.as_bytes())
}

fn row<T>(name: &str, mut once: impl FnMut() -> T) {
    let allocations = allocation_counter::measure(|| {
        black_box(once());
    });
    let mut batches: Vec<Duration> = (0..BATCHES)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..BATCH {
                black_box(once());
            }
            started.elapsed()
        })
        .collect();
    batches.sort_unstable();
    let nanos = batches[BATCHES / 4].as_nanos() / BATCH as u128;
    println!("| {name} | {nanos} | {} |", allocations.count_total);
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be started")
}

fn account(mode: &str) -> Arc<Account> {
    let settings: AccountSettings = toml::from_str(&account_toml(mode)).expect("the TOML is right");
    Arc::new(Account::new(&settings, None).expect("the account is right"))
}

fn account_toml(mode: &str) -> String {
    format!(
        "token = 'wxbot-demo-token'\nmode = '{mode}'\napp_id = 'wx0123456789abcdef'\n\
         encoding_aes_key = 'Qm90RnJhbWV3b3JrVGVzdEtleTAxMjM0NTY3ODlBQkM'\n"
    )
}

fn assemble(mode: &str, idle: usize) -> Assembly {
    let idle: String = (0..idle)
        .map(|n| {
            format!(
                "[[chain]]\nplugin = 'echo'\nid = 'idle-{n}'\nwhen = {{ contains = 'word-{n}' }}\n"
            )
        })
        .collect();
    let account = account_toml(mode);
    let text = format!(
        "[server]\nclock_skew = '0s'\n[[account]]\n{account}\n{idle}[[chain]]\nplugin = 'echo'\n"
    );
    let source = Source { name: "bench".into(), text };
    let config = source.build(|_| None).expect("the configuration is right");
    Assembly::new(config).expect("threads can be started")
}
