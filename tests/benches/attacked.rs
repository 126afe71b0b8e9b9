//! What genuine messages notice of an attack: `cargo bench -p wxbot-tests --bench attacked`.
//!
//! A message is sent every 20 ms while others attack, and come again when they are cut off; with
//! `-- --against PROGRAM` another wxbot is attacked.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use wxbot_tests::bot::{ECHO, account};
use wxbot_tests::http;
use wxbot_tests::program::Program;
use wxbot_tests::usage::{computed, peak_memory};
use wxbot_tests::wechat::{Sender, element, text_from};

const FILES: usize = 1024;
const LASTS: Duration = Duration::from_secs(15);
const EVERY: Duration = Duration::from_millis(20);

/// Connections that all do the same.
struct Attack {
    name: &'static str,
    connections: usize,
    /// What each of them sends.
    sends: fn() -> Vec<u8>,
    /// Again and again.
    again: bool,
    /// They read the answers, and so learn at once that they are cut off.
    reads: bool,
}

const ATTACKS: [Attack; 6] = [
    Attack { name: "nothing", connections: 0, sends: Vec::new, again: false, reads: false },
    Attack {
        name: "refused, then silent",
        connections: 1100,
        sends: refused,
        again: false,
        reads: false,
    },
    Attack {
        name: "refused, and come again",
        connections: 1100,
        sends: refused,
        again: false,
        reads: true,
    },
    Attack {
        name: "refused, sent flat out",
        connections: 50,
        sends: flat_out,
        again: true,
        reads: true,
    },
    Attack {
        name: "answered, not read",
        connections: 150,
        sends: handshakes,
        again: true,
        reads: false,
    },
    Attack { name: "silent", connections: 1100, sends: Vec::new, again: false, reads: true },
];

fn refused() -> Vec<u8> {
    b"POST /wechat HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()
}

fn flat_out() -> Vec<u8> {
    [&refused()[..], b"40000\r\n", &vec![b'a'; 0x40000], b"\r\n"].concat()
}

fn handshakes() -> Vec<u8> {
    let query = Sender::default().query();
    let one = format!("GET /wechat?{query}&echostr=4242 HTTP/1.1\r\nHost: a\r\n\r\n");
    one.repeat(300).into_bytes()
}

fn main() -> Result<()> {
    let mut arguments = std::env::args();
    if !arguments.any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-tests --bench attacked`");
        return Ok(());
    }
    let mut arguments = std::env::args().skip_while(|argument| argument != "--against");
    let program = arguments.nth(1).unwrap_or(env!("CARGO_BIN_EXE_scripted-bot").into());
    println!("| attack | connections | answered | failed | p50 / p99 | cores | peak memory |");
    println!("|---|---|---|---|---|---|---|");
    for attack in &ATTACKS {
        measure(attack, &program)?;
    }
    Ok(())
}

fn measure(attack: &Attack, program: &str) -> Result<()> {
    let listen = "[server]\nlisten = '127.0.0.1:0'\n[console]\nlisten = '127.0.0.1:0'\n";
    let shell = Program::new("/bin/sh")
        .with_config(&format!("{listen}{}{ECHO}", account("plain")))
        .with_variable("WXBOT_LOG", "info,wxbot_core=error");
    let limited = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
    let serving = shell.serve(&["-c", &limited, program, "run", "--log", "json"]);
    let (endpoint, process, over) = (serving.endpoint, serving.id(), AtomicBool::new(false));
    let (mut took, mut failed) = (Vec::new(), 0);
    let cores = thread::scope(|scope| {
        scope.spawn(|| attack.run(endpoint, &over));
        thread::sleep(Duration::from_secs(1));
        let (began, before) = (Instant::now(), computed(process));
        for n in 0.. {
            let asked = Instant::now();
            match ask(endpoint, n) {
                Ok(()) => took.push(asked.elapsed()),
                Err(_) => failed += 1,
            }
            if began.elapsed() > LASTS {
                break;
            }
            thread::sleep(EVERY.saturating_sub(asked.elapsed()));
        }
        over.store(true, Ordering::Relaxed);
        (computed(process) - before).as_secs_f64() / began.elapsed().as_secs_f64()
    });
    took.sort_unstable();
    let at = |percent: usize| match took.get(took.len() * percent / 100) {
        Some(took) => format!("{:.1}", took.as_secs_f64() * 1e3),
        None => "-".into(),
    };
    let Attack { name, connections, .. } = attack;
    let (answered, peak) = (took.len(), peak_memory(process) / 1024);
    let (p50, p99) = (at(50), at(99));
    println!(
        "| {name} | {connections} | {answered} | {failed} | {p50} / {p99} ms | {cores:.2} | {peak} MB |"
    );
    Ok(())
}

/// A genuine message, as WeChat sends it: within 5 s, or not at all.
fn ask(endpoint: SocketAddr, n: u64) -> Result<()> {
    let (query, body) = (Sender::default().query(), text_from(&format!("oGENUINE_{n:019}"), "hi"));
    let mut stream = TcpStream::connect_timeout(&endpoint, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let length = body.len();
    let head =
        format!("POST /wechat?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let response = http::read_response(&mut stream)?;
    ensure!(element(&response.body, "Content").as_deref() == Some("hi"), "{response:?}");
    Ok(())
}

impl Attack {
    fn run(&self, endpoint: SocketAddr, over: &AtomicBool) {
        let mut attackers = Vec::new();
        while !over.load(Ordering::Relaxed) {
            for _ in attackers.len()..self.connections {
                attackers.extend(Attacker::connect(endpoint, (self.sends)()));
            }
            let before = attackers.iter().map(|one| one.sent).sum::<usize>();
            attackers.retain_mut(|attacker| attacker.goes_on(self).is_ok());
            if attackers.iter().map(|one| one.sent).sum::<usize>() == before {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// One connection of an attack.
struct Attacker {
    stream: TcpStream,
    sends: Vec<u8>,
    sent: usize,
}

impl Attacker {
    fn connect(endpoint: SocketAddr, sends: Vec<u8>) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&endpoint, Duration::from_secs(1)).ok()?;
        stream.set_nonblocking(true).ok()?;
        Some(Self { stream, sends, sent: 0 })
    }

    /// Sends some more; an error when it was cut off.
    fn goes_on(&mut self, attack: &Attack) -> std::io::Result<()> {
        let is_done = !attack.again && self.sent == self.sends.len();
        if !is_done && !self.sends.is_empty() {
            let from = self.sent % self.sends.len();
            self.sent += unless_blocked(self.stream.write(&self.sends[from..]), 0)?;
        }
        if attack.reads && unless_blocked(self.stream.read(&mut [0; 4096]), 1)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

fn unless_blocked(done: std::io::Result<usize>, otherwise: usize) -> std::io::Result<usize> {
    match done {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(otherwise),
        done => done,
    }
}
