//! What followers who wait cost: `cargo bench -p wxbot-tests --bench waiting`.
//!
//! Ten thousand followers ask at once for something that takes 10 s; meanwhile others are echoed.
//! Prints the memory for each who waits, and how long the echoes took beside and without them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wxbot_tests::program::Program;
use wxbot_tests::wechat::{Sender, TOKEN, text_from};

const FOLLOWERS: usize = 10_000;
const ECHOES: usize = 2_000;

fn main() -> Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-tests --bench waiting`");
        return Ok(());
    }
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\nmax_connections = 24000\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\ntoken = '{TOKEN}'\n[[chain]]\nplugin = 'scripted'\n"
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let serving = program.serve(&["run", "--log", "json"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(serving.endpoint, serving.id()))
}

async fn measure(bot: SocketAddr, process: u32) -> Result<()> {
    // The first ones make what is needed.
    echoes(bot).await?;
    let alone = echoes(bot).await?;
    let before = memory(process)?;
    let asked = Instant::now();
    let mut waiting = JoinSet::new();
    for n in 0..FOLLOWERS {
        waiting.spawn(ask(bot, format!("oWAITING_{n:019}"), "after 10 done"));
        if n % 200 == 199 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let during = memory(process)?;
    let beside = echoes(bot).await?;
    let all_waited = asked.elapsed() < Duration::from_secs(10);
    while let Some(answer) = waiting.join_next().await {
        let answer = answer??;
        ensure!(answer.contains("<![CDATA[done]]>"), "a follower got {answer}");
    }
    println!("| followers who wait | memory for each | echo p50 / p99 alone | beside them |");
    println!("|---|---|---|---|");
    let each = (during.saturating_sub(before)) as f64 / FOLLOWERS as f64;
    println!("| {FOLLOWERS} | {each:.1} KB | {} | {} |", millis(&alone), millis(&beside));
    ensure!(all_waited, "the machine is too slow: some were answered before all had asked");
    Ok(())
}

/// How long each echo took, sorted.
async fn echoes(bot: SocketAddr) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(ECHOES);
    for n in 0..ECHOES {
        let started = Instant::now();
        let answer = ask(bot, format!("oECHO_{n:022}"), "hi").await?;
        ensure!(answer.contains("<![CDATA[hi]]>"), "an echo was {answer}");
        took.push(started.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

fn millis(took: &[Duration]) -> String {
    let at = |percent: usize| took[took.len() * percent / 100].as_secs_f64() * 1e3;
    format!("{:.2} / {:.2} ms", at(50), at(99))
}

/// Says something as WeChat would: the same message again when nothing came, three times in all.
async fn ask(bot: SocketAddr, openid: String, words: &str) -> Result<String> {
    let body: Arc<str> = text_from(&openid, words).into();
    for _ in 0..3 {
        let answer = deliver(bot, &body).await?;
        if answer.starts_with("HTTP/1.1 200") {
            return Ok(answer);
        }
    }
    anyhow::bail!("no answer on three deliveries")
}

async fn deliver(bot: SocketAddr, body: &str) -> Result<String> {
    let head = format!(
        "POST /wechat?{} HTTP/1.1\r\nHost: bot\r\nContent-Type: text/xml\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        Sender::default().query(),
        body.len()
    );
    let mut stream = TcpStream::connect(bot).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    // WeChat hangs up after 5 s.
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer));
    match read.await {
        Ok(read) => read.map(|_| answer).context("the connection broke"),
        Err(_) => Ok(String::new()),
    }
}

/// Of a process, in KB.
fn memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("the system tells no VmRSS")?.parse()?)
}
