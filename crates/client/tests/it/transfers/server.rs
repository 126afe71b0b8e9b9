//! A server that does as it is told with each request for a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use wxbot_client::{Client, HttpSettings, Reqwest, Settings, Timeouts, TokenKind};
use wxbot_sdk::clock::Clock;

use super::PIECE;
use crate::wechat::{memory, settings};

/// What the server does with a request for a file, in this order.
#[derive(Clone)]
pub(crate) enum Step {
    /// Reads so many bytes of the body.
    Reads(usize),
    /// Reads the whole body.
    ReadsAll,
    /// Sends this.
    Sends(String),
    /// Sends so many bytes of a file.
    SendsFile(usize),
    /// Waits until it is told to go on.
    Waits(Arc<Notify>),
    /// Does nothing more.
    Hangs,
}

/// A server on a free port of loopback, gone with the test's runtime. It does this with the first
/// request for a file, that with the next, and with the last one again.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) seen: Arc<Seen>,
}

/// What the server saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: AtomicUsize,
    tokens: AtomicUsize,
    /// Bytes of bodies that it read, and of files that it wrote.
    pub(crate) read: AtomicUsize,
    pub(crate) written: AtomicUsize,
    pub(crate) last_body: std::sync::Mutex<Vec<u8>>,
}

impl Server {
    pub(crate) async fn start(requests: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let server = Self { base, seen: Arc::clone(&seen) };
        let requests = Arc::new(requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&requests), Arc::clone(&seen)));
            }
        });
        server
    }

    /// A client that gives up after so long in which nothing moved.
    pub(crate) fn client(&self, media_idle: Duration) -> Client {
        let http = HttpSettings { api_base: self.base.clone(), ..HttpSettings::default() };
        let timeouts = Timeouts { media_idle, ..Timeouts::default() };
        let settings = Settings { timeouts, ..settings(TokenKind::Stable) };
        Client::new(&settings, memory(), Clock::system(), Arc::new(Reqwest::new(&http).unwrap()))
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, requests: Arc<Vec<Vec<Step>>>, seen: Arc<Seen>) {
    while let Some((head, mut body)) = read_head(&mut stream).await {
        if head.contains("/stable_token") {
            let nth = seen.tokens.fetch_add(1, Ordering::SeqCst);
            let token = json(&format!(r#"{{"access_token":"canary-{nth}","expires_in":7200}}"#));
            read_body(&mut stream, &head, &mut body, usize::MAX, &Seen::default()).await;
            stream.write_all(token.as_bytes()).await.unwrap();
            continue;
        }
        let nth = seen.requests.fetch_add(1, Ordering::SeqCst).min(requests.len() - 1);
        for step in &requests[nth] {
            match step {
                Step::Reads(most) => read_body(&mut stream, &head, &mut body, *most, &seen).await,
                Step::ReadsAll => read_body(&mut stream, &head, &mut body, usize::MAX, &seen).await,
                Step::Sends(text) => stream.write_all(text.as_bytes()).await.unwrap_or_default(),
                Step::SendsFile(bytes) => write_file(&mut stream, *bytes, &seen).await,
                Step::Waits(told) => told.notified().await,
                Step::Hangs => std::future::pending().await,
            }
        }
        *seen.last_body.lock().unwrap() = body;
        // Only what was read and answered leaves a connection that can be used again.
        if !matches!(&requests[nth][..], [Step::ReadsAll, Step::Sends(_)]) {
            return;
        }
    }
}

/// A head, and what came of the body with it.
async fn read_head(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).unwrap().to_lowercase(), body));
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// Keeps only the first and the last bytes of a long body.
async fn read_body(
    stream: &mut TcpStream,
    head: &str,
    body: &mut Vec<u8>,
    most: usize,
    seen: &Seen,
) {
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let (length, mut came) = (length.unwrap_or(0).min(most), body.len());
    seen.read.fetch_add(came, Ordering::SeqCst);
    let mut piece = vec![0; PIECE];
    while came < length {
        let Ok(bytes @ 1..) = stream.read(&mut piece).await else { return };
        came += bytes;
        seen.read.fetch_add(bytes, Ordering::SeqCst);
        body.extend_from_slice(&piece[..bytes]);
        if body.len() > 4 * PIECE {
            body.drain(PIECE..body.len() - PIECE);
        }
    }
}

/// Until the other side closes.
async fn write_file(stream: &mut TcpStream, bytes: usize, seen: &Seen) {
    let piece = [b'x'; PIECE];
    let mut left = bytes;
    while left > 0 && stream.write_all(&piece[..left.min(PIECE)]).await.is_ok() {
        seen.written.fetch_add(left.min(PIECE), Ordering::SeqCst);
        left -= left.min(PIECE);
    }
}

pub(crate) fn json(body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}

/// The head of a file.
pub(crate) fn jpeg(length: &str) -> Step {
    Step::Sends(format!("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n{length}\r\n\r\n"))
}
