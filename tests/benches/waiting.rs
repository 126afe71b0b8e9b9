//! What followers who wait cost: `cargo bench -p wxbot-tests --bench waiting`.
//!
//! Ten thousand followers ask at once for something that takes 10 s, then a thousand a language model
//! that takes 20 s; meanwhile others are echoed. Prints the memory for each who waits, and how long the
//! echoes took beside and without them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wxbot_model_sim::{FakeModel, Script};
use wxbot_tests::program::Program;
use wxbot_tests::wechat::{Sender, TOKEN, text_from};

const ECHOES: usize = 2_000;

/// Followers who ask at the same time for the same.
struct Crowd {
    what: &'static str,
    followers: usize,
    openid: &'static str,
    words: &'static str,
    takes: Duration,
    /// What each of them sees within WeChat's three deliveries.
    sees: &'static str,
}

const CROWDS: [Crowd; 2] = [
    Crowd {
        what: "a plugin that takes 10 s",
        followers: 10_000,
        openid: "oWAITING",
        words: "after 10 done",
        takes: Duration::from_secs(10),
        sees: "<![CDATA[done]]>",
    },
    Crowd {
        what: "`chat`, a model that takes 20 s",
        followers: 1_000,
        openid: "oCHATTING",
        words: "为什么？",
        takes: Duration::from_secs(20),
        sees: "正在准备回答",
    },
];

fn main() -> Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-tests --bench waiting`");
        return Ok(());
    }
    let model = FakeModel::new(|_| Script::text("因为。").over(Duration::from_secs(20)));
    let model = model.serve()?;
    let config = format!(
        "[server]\nlisten = '127.0.0.1:0'\nmax_connections = 24000\n[console]\nlisten = '127.0.0.1:0'\n\
         [[account]]\ntoken = '{TOKEN}'\n[[chain]]\nplugin = 'chat'\nwhen = {{ openid = 'oCHATTING*' }}\n\
         [chain.config]\nbase_url = '{}'\nmodel = 'm1'\n[[chain]]\nplugin = 'scripted'\n",
        model.url()
    );
    let program = Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&config);
    let serving = program.serve(&["run", "--log", "json"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("| waiting for | followers | memory for each | echo p50 / p99 alone | beside them |");
    println!("|---|---|---|---|---|");
    let (bot, process) = (serving.endpoint, serving.id());
    CROWDS.iter().try_for_each(|crowd| runtime.block_on(measure(crowd, bot, process)))
}

async fn measure(crowd: &'static Crowd, bot: SocketAddr, process: u32) -> Result<()> {
    // The first ones make what is needed.
    echoes(bot).await?;
    let alone = echoes(bot).await?;
    let before = memory(process)?;
    let asked = Instant::now();
    let mut waiting = JoinSet::new();
    for n in 0..crowd.followers {
        waiting.spawn(ask(bot, format!("{}_{n:018}", crowd.openid), crowd.words));
        if n % 200 == 199 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let during = memory(process)?;
    let beside = echoes(bot).await?;
    let all_waited = asked.elapsed() < crowd.takes;
    while let Some(answer) = waiting.join_next().await {
        let answer = answer??;
        ensure!(answer.contains(crowd.sees), "a follower got {answer}");
    }
    let Crowd { what, followers, .. } = crowd;
    let each = (during.saturating_sub(before)) as f64 / *followers as f64;
    println!("| {what} | {followers} | {each:.1} KB | {} | {} |", millis(&alone), millis(&beside));
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
