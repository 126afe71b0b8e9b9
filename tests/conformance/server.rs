//! The handler behind a URL: an HTTP server that knows one request a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;

use serde_json::{Value, json};
use wxbot_tests::conformant::{Act, act, too_large};
use wxbot_tests::http;

/// What the configuration of `webhook` has as `callback`.
pub(crate) const CONSOLE: &str = "http://console.example";

pub(crate) struct Server {
    pub(crate) url: String,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
    /// Of the bot that asks.
    console: OnceLock<SocketAddr>,
}

impl Gate {
    fn wait(&self) {
        let closed = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(closed, |is_open| !*is_open).unwrap());
    }

    fn console(&self) -> SocketAddr {
        *self.console.get().expect("the bot is there when it asks")
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let gate = Arc::new(Gate::default());
        let of_server = Arc::clone(&gate);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let gate = Arc::clone(&of_server);
                thread::spawn(move || serve(stream, &gate));
            }
        });
        Self { url, gate }
    }

    /// Where what is posted later really goes: a bot in a test listens on any port.
    pub(crate) fn set_console(&self, console: SocketAddr) {
        self.gate.console.get_or_init(|| console);
    }

    pub(crate) fn go_on(&self) {
        *self.gate.is_open.lock().unwrap() = true;
        self.gate.opened.notify_all();
    }
}

fn serve(mut stream: TcpStream, gate: &Gate) {
    let Some(body) = read(&mut stream) else { return };
    let asked: Value = serde_json::from_str(&body).unwrap();
    let text = asked["message"]["content"].as_str().unwrap_or_default();
    match act(text, &asked["session"]) {
        Act::Answer(answer) => respond(&mut stream, &answer.to_string()),
        Act::Later(notice, answer) => {
            let first = format!("{{\"later\": \"{notice}\"}}\n");
            write(&mut stream, &format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{first}"));
            gate.wait();
            write(&mut stream, &answer.to_string());
        }
        Act::Callback(notice, answer) => {
            respond(&mut stream, &json!({ "later": notice }).to_string());
            gate.wait();
            post(gate.console(), &asked["callback"], &answer);
        }
        Act::Hang => drop(stream.read(&mut [0])), // until the caller has enough
        Act::Crash => {}
        Act::Garbage => respond(&mut stream, "{\"garbage\": true}"),
        Act::TooLarge => respond(&mut stream, &too_large().to_string()),
    }
}

/// Posts an answer as the request said.
fn post(console: SocketAddr, callback: &Value, answer: &Value) {
    let [url, token] = ["url", "token"].map(|key| callback[key].as_str().unwrap());
    let path = url.strip_prefix(CONSOLE).expect("below the address in the configuration");
    let body = answer.to_string();
    let length = body.len();
    let headers = format!("Authorization: Bearer {token}\r\nContent-Length: {length}\r\n");
    let response = http::request(console, "POST", path, &headers, body.as_bytes());
    assert_eq!(response.status, 202, "{response:?}");
}

/// The body of one request.
fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length?.parse::<usize>().ok()? {
                return Some(body.to_owned());
            }
        }
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

fn respond(stream: &mut TcpStream, body: &str) {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
    write(stream, &format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
}

fn write(stream: &mut TcpStream, text: &str) {
    // Whoever called may be gone.
    let _ = stream.write_all(text.as_bytes());
}
