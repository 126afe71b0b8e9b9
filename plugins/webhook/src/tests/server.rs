//! A server on a free port of loopback that has a habit, gone with the test.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What it does with each request.
#[derive(Debug, Clone)]
pub(super) enum Habit {
    /// Sends this as JSON.
    Answers(String),
    /// Sends a line, and the rest when it is told to go on.
    InTwoParts(String, String),
    Closes,
    Hangs,
    /// Sends this, and closes.
    Sends(String),
    /// Sends as much as anybody reads.
    Floods,
}

pub(super) struct Server {
    pub(super) url: String,
    state: Arc<State>,
}

struct State {
    habit: Mutex<Habit>,
    requests: Mutex<Vec<Request>>,
    connections: Mutex<usize>,
    goes_on: Notify,
}

#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: String,
}

impl Request {
    /// Empty where there is none.
    pub(super) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    }
}

impl Server {
    pub(super) async fn start(habit: Habit) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?key=a%20b", listener.local_addr().unwrap());
        let state = Arc::new(State {
            habit: Mutex::new(habit),
            requests: Mutex::default(),
            connections: Mutex::default(),
            goes_on: Notify::new(),
        });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *served.connections.lock().unwrap() += 1;
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Self { url, state }
    }

    pub(super) fn now(&self, habit: Habit) {
        *self.state.habit.lock().unwrap() = habit;
    }

    pub(super) fn go_on(&self) {
        self.state.goes_on.notify_one();
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    pub(super) fn only_request(&self) -> Request {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }

    pub(super) fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    while let Some(request) = read(&mut stream).await {
        state.requests.lock().unwrap().push(request);
        let habit = state.habit.lock().unwrap().clone();
        match habit {
            Habit::Answers(body) => write(&mut stream, &answer(&body)).await,
            Habit::InTwoParts(first, second) => {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                write(&mut stream, &format!("{head}{}", chunk(&first))).await;
                state.goes_on.notified().await;
                write(&mut stream, &format!("{}0\r\n\r\n", chunk(&second))).await;
            }
            Habit::Closes => return,
            Habit::Hangs => std::future::pending().await,
            Habit::Sends(text) => return write(&mut stream, &text).await,
            Habit::Floods => {
                write(&mut stream, "HTTP/1.1 200 OK\r\n\r\n").await;
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                return;
            }
        }
    }
}

fn answer(body: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{body}", body.len())
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

async fn write(stream: &mut TcpStream, text: &str) {
    // Whoever called may be gone.
    let _ = stream.write_all(text.as_bytes()).await;
}

/// One request, with as much body as it says.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let request = Request { head: head.to_owned(), body: body.to_owned() };
            if body.len() >= request.header("content-length").parse().unwrap_or(0) {
                return Some(request);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// Waits until something is so, with a bound that only a fault reaches.
pub(super) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "not so: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
