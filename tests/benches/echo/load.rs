//! The load: one thread, epoll, 64 connections that each ask again as soon as they are answered.

use anyhow::{Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::answer::{self, Expected};
use crate::message::Messages;

pub(crate) const CONNECTIONS: usize = 64;
/// The longest silence of all connections; WeChat waits 5 s for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_ANSWER: usize = 8 * 1024;

/// What one round with one server gave.
pub(crate) struct Round {
    requests: usize,
    time: Duration,
    /// What the server spent on it; filled in by who knows the process.
    pub(crate) cpu: Duration,
    /// The latencies that half of the answers keep to, and 99 of 100.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Round {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64()
    }

    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests as f64
    }
}

/// Sends every message once and checks every answer.
pub(crate) fn run(port: u16, messages: &Messages, expected: &Expected) -> Result<Round> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(CONNECTIONS);
    let mut connections = connect(&poll, port, CONNECTIONS.min(messages.len()))?;
    let mut latencies = Vec::with_capacity(messages.len());
    let started = Instant::now();
    for (index, connection) in connections.iter_mut().enumerate() {
        connection.ask(messages, index)?;
    }
    let mut next = connections.len();
    while latencies.len() < messages.len() {
        poll.poll(&mut events, Some(PATIENCE))?;
        ensure!(!events.is_empty(), "no answer for {PATIENCE:?} after {} answers", latencies.len());
        for event in &events {
            let connection = &mut connections[event.token().0];
            connection.send(messages)?;
            let Some(body) = connection.receive()? else { continue };
            latencies.push(connection.asked.elapsed());
            expected.check(messages.number(connection.message), &connection.received[body])?;
            if next < messages.len() {
                connection.ask(messages, next)?;
                next += 1;
            }
        }
    }
    let time = started.elapsed();
    latencies.sort_unstable();
    let (requests, cpu) = (latencies.len(), Duration::ZERO);
    let (p50, p99) = (latencies[requests / 2], latencies[requests * 99 / 100]);
    Ok(Round { requests, time, cpu, p50, p99 })
}

struct Connection {
    socket: TcpStream,
    message: usize,
    waiting: bool,
    asked: Instant,
    sent: usize,
    received: Box<[u8]>,
    filled: usize,
}

fn connect(poll: &Poll, port: u16, count: usize) -> Result<Vec<Connection>> {
    let both = Interest::READABLE | Interest::WRITABLE;
    let connection = |index| {
        let socket = std::net::TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        poll.registry().register(&mut socket, Token(index), both)?;
        let received = vec![0; LONGEST_ANSWER].into_boxed_slice();
        let asked = Instant::now();
        Ok(Connection { socket, message: 0, waiting: false, asked, sent: 0, received, filled: 0 })
    };
    (0..count).map(connection).collect()
}

impl Connection {
    fn ask(&mut self, messages: &Messages, message: usize) -> Result<()> {
        self.message = message;
        self.waiting = true;
        self.sent = 0;
        self.filled = 0;
        self.asked = Instant::now();
        self.send(messages)
    }

    /// Sends what is left of the request, as far as the socket takes it.
    fn send(&mut self, messages: &Messages) -> Result<()> {
        let request = messages.request(self.message);
        while self.sent < request.len() {
            match self.socket.write(&request[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Where the body of the answer lies, once all of it is there.
    fn receive(&mut self) -> Result<Option<Range<usize>>> {
        loop {
            ensure!(self.filled < self.received.len(), "an answer over {LONGEST_ANSWER} bytes");
            match self.socket.read(&mut self.received[self.filled..]) {
                Ok(0) if self.waiting => bail!("the server closed a connection that waits"),
                Ok(0) => return Ok(None),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == WouldBlock => return Ok(None),
                Err(error) => return Err(error.into()),
            }
            if let Some(body) = answer::body(&self.received[..self.filled])? {
                self.waiting = false;
                return Ok(Some(body));
            }
        }
    }
}
