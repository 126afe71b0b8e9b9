//! What each stop of the road costs one message, in this process: nanoseconds, allocations and,
//! where valgrind is there, instructions.
//!
//! `cargo bench -p wxbot-tests --bench stops` prints a table. The nanoseconds are the 25th
//! percentile of many batches, which a busy machine disturbs least. Allocations and instructions
//! are exact; valgrind's machine has no SHA instructions, so it counts more for them than there are.

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use wxbot::assembly::Assembly;
use wxbot::config::{AccountSettings, Source};
use wxbot_core::account::Account;
use wxbot_core::bot::Post;
use wxbot_core::late::settings::LateSettings;
use wxbot_core::receive::envelope;
use wxbot_core::receive::query::Query;
use wxbot_core::receive::signature::verify;
use wxbot_sdk::message::Message;
use wxbot_sim::{Fresh, Mode, Request};

use wxbot_plugin_echo as _;

const NOW: u64 = 1_735_689_700;
/// Different messages, more than the ledger of [`assemble`] remembers: none is a repeat.
const DELIVERIES: u64 = 8192;
const OPENID: &str = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";
const BATCHES: usize = 600;
const BATCH: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[..] {
        [_, count, name, times] if count == "--count" => run(name, times),
        [_, rest @ ..] if rest.iter().any(|argument| argument == "--bench") => print_table(),
        _ => println!("run it with `cargo bench -p wxbot-tests --bench stops`"),
    }
}

fn print_table() {
    println!("| stop | ns | allocations | instructions |\n| --- | --- | --- | --- |");
    for (name, mut once) in stops() {
        let allocations = allocation_counter::measure(&mut once).count_total;
        let nanos = nanos(&mut once);
        let instructions = instructions(name).map_or("-".into(), |count| count.to_string());
        println!("| {name} | {nanos} | {allocations} | {instructions} |");
    }
}

/// Runs one stop a number of times, for valgrind to count.
fn run(name: &str, times: &str) {
    let times: usize = times.parse().expect("a number of times");
    let stop = stops().into_iter().find(|(stop, _)| *stop == name);
    let (_, mut once) = stop.expect("a stop of this name");
    (0..times).for_each(|_| once());
}

/// Two runs of different length differ in nothing but the stop itself.
fn instructions(name: &str) -> Option<u64> {
    let (few, many) = (100, 600);
    Some((collected(name, many)? - collected(name, few)?) / (many - few))
}

fn collected(name: &str, times: u64) -> Option<u64> {
    let valgrind = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .args(["--count", name, &times.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&valgrind.stderr);
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1));
    collected?.trim().parse().ok()
}

type Stop = (&'static str, Box<dyn FnMut()>);

/// What a follower says: about 345 bytes (protocol section 3.1).
fn message(number: u64) -> String {
    let (text, id) = ("公众号机器人".repeat(16), NOW * 1_000_000_000 + number);
    format!(
        "<xml><ToUserName><![CDATA[gh_5f0c1d2e3a4b]]></ToUserName>\
         <FromUserName><![CDATA[{OPENID}]]></FromUserName><CreateTime>{NOW}</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>\
         <MsgId>{id}</MsgId></xml>"
    )
}

/// As WeChat delivers them in this mode.
fn deliveries(mode: Mode) -> Vec<Request> {
    let token = "wxbot-demo-token".into();
    let account = wxbot_sim::Account { token, mode, ..wxbot_sim::Account::default() };
    let delivery = |n: u64| {
        let nonce = (1_357_924_680 + n).to_string();
        let fresh = Fresh { timestamp: NOW, nonce, random: [7; 16] };
        account.request(message(n), OPENID, &fresh).expect("the account has a key")
    };
    (0..DELIVERIES).map(delivery).collect()
}

fn stops() -> Vec<Stop> {
    let message = message(0);
    let plain = account("plain");
    let (delivery, sealed) = (deliveries(Mode::Plain), deliveries(Mode::Safe));
    let (fields, _) = envelope::read(message.as_bytes()).expect("the body is right");
    let query = delivery[0].query.clone();
    let verified = move || {
        let query = Query::parse(&query).expect("the query is right");
        black_box(verify(&plain, &query, NOW).expect("the signature is right"));
    };
    let read = move || {
        black_box(envelope::read(message.as_bytes()).expect("the body is right"));
    };
    let typed = move || {
        black_box(Message::read(fields.clone()).expect("the fields are right"));
    };
    vec![
        ("query read and signature verified", Box::new(verified)),
        ("body read into fields", Box::new(read)),
        ("fields copied and typed", Box::new(typed)),
        ("the whole road, plain", whole("plain", delivery.clone(), 0)),
        ("… with 1,000 entries before that do not match", whole("plain", delivery, 1000)),
        ("the whole road, safe", whole("safe", sealed, 0)),
    ]
}

/// From query and body to the reply's bytes, with `idle` links that are not meant.
fn whole(mode: &str, deliveries: Vec<Request>, idle: usize) -> Box<dyn FnMut()> {
    let (assembly, runtime) = (assemble(mode, idle), runtime());
    let mut deliveries = deliveries.into_iter().cycle();
    Box::new(move || {
        let bot = &assembly.bot;
        let delivery = deliveries.next().expect("it goes round");
        let body = async move { Ok(delivery.body.into()) };
        let arrived = tokio::time::Instant::now();
        let post = Post { query: &delivery.query, body, arrived, now: NOW };
        let answer = runtime.block_on(bot.answer(&bot.accounts()[0], post));
        black_box(answer.expect("the message is right"));
    })
}

fn nanos(once: &mut dyn FnMut()) -> u128 {
    let mut batches: Vec<Duration> = (0..BATCHES)
        .map(|_| {
            let started = Instant::now();
            (0..BATCH).for_each(|_| once());
            started.elapsed()
        })
        .collect();
    batches.sort_unstable();
    batches[BATCHES / 4].as_nanos() / BATCH as u128
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be started")
}

fn account(mode: &str) -> Arc<Account> {
    let settings: AccountSettings = toml::from_str(&account_toml(mode)).expect("the TOML is right");
    let spec = settings.spec(Duration::ZERO, &LateSettings::default());
    Arc::new(Account::new(spec).expect("the account is right"))
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
        "[server]\nclock_skew = '0s'\n[limits]\nmemory = '1MiB'\n\
         [[account]]\n{account}\n{idle}[[chain]]\nplugin = 'echo'\n"
    );
    let source = Source { name: "bench".into(), text };
    let components = source.build(|_| None).expect("the configuration is right");
    Assembly::new(components).expect("threads can be started")
}
