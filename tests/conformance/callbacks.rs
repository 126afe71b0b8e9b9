//! A handler promises an answer and posts it when it is there: over a crash, and to any instance.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use wxbot_tests::bot::account;
use wxbot_tests::http;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::redis::{Server, free_port};
use wxbot_tests::wechat::{self, Sender};

/// The next process waits on, and does not ask again.
pub(crate) fn over_a_crash() {
    let handler = Handler::start();
    let program = bot(&handler, "file:data");
    let first = program.serve(&["run"]);
    let notice = says(&first, "hi");
    assert!(notice.contains("one moment"), "{notice}");
    first.kill();
    let next = program.serve(&["run"]);
    assert_eq!(handler.post(next.operator, r#"{"reply":"at last"}"#), 202);
    let got = pulls(&next);
    assert!(got.contains("at last"), "{got}");
    assert_eq!(handler.post(next.operator, r#"{"reply":"again"}"#), 409);
    assert_eq!(handler.asked().len(), 1, "{:?}", handler.asked());
}

pub(crate) fn to_any_instance() {
    let redis = Server::start(&[]);
    let handler = Handler::start();
    let programs = [(); 2].map(|()| bot(&handler, &redis.url()));
    let [asks, takes] = programs.each_ref().map(|program| program.serve(&["run"]));
    let notice = says(&asks, "hi");
    assert!(notice.contains("one moment"), "{notice}");
    assert_eq!(handler.post(takes.operator, r#"{"reply":"at last"}"#), 202);
    let got = pulls(&takes);
    assert!(got.contains("at last"), "{got}");
    assert_eq!(handler.asked().len(), 1, "{:?}", handler.asked());
}

/// A handler that promises an answer to `hi`, and remembers how often it was asked for one.
struct Handler {
    url: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Handler {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<Value>>>::default();
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let Some(asked) = read(&mut stream) else { continue };
                let is_hi = asked["message"]["content"] == "hi";
                let answer = if is_hi { r#"{"later":"one moment"}"# } else { "{}" };
                seen.lock().unwrap().extend(is_hi.then_some(asked));
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
                let _ = write!(stream, "{head}: {}\r\n\r\n{answer}", answer.len());
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// Posts the answer to the first message as it was told to, but to this console.
    fn post(&self, console: SocketAddr, answer: &str) -> u16 {
        let callback = &self.asked()[0]["callback"];
        let [url, token] = ["url", "token"].map(|key| callback[key].as_str().unwrap());
        let path = url.strip_prefix("http://127.0.0.1:8081").unwrap();
        let length = answer.len();
        let headers = format!("Authorization: Bearer {token}\r\nContent-Length: {length}\r\n");
        http::request(console, "POST", path, &headers, answer.as_bytes()).status
    }
}

/// The JSON of one request.
fn read(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
        if let Some(asked) = body.and_then(|body| serde_json::from_str(body).ok()) {
            return Some(asked);
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// A bot of an account that may not send first, whose store is there.
fn bot(handler: &Handler, store: &str) -> Program {
    let (endpoint, console) = (free_port(), free_port());
    Program::new(env!("CARGO_BIN_EXE_scripted-bot")).with_config(&format!(
        "[server]\nlisten = '127.0.0.1:{endpoint}'\nworkers = 1\n\
         [console]\nlisten = '127.0.0.1:{console}'\n[store]\nurl = '{store}'\n{}\n\
         [[chain]]\nplugin = 'webhook'\n[chain.config]\nurl = '{}'\n\
         callback = 'http://127.0.0.1:8081'\ntime_limit = '60s'\n",
        account("plain"),
        handler.url
    ))
}

/// What the follower gets for a text.
fn says(bot: &Serving, text: &str) -> String {
    let path = format!("/wechat?{}", Sender::default().query());
    http::post(bot.endpoint, &path, wechat::text(text)).body
}

/// Asks for what waits until it is there.
fn pulls(bot: &Serving) -> String {
    let started = Instant::now();
    loop {
        let got = says(bot, "1");
        if got.contains("at last") || started.elapsed() > Duration::from_secs(30) {
            return got;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
