//! The handler behind a URL: an HTTP server that knows one request a connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use serde_json::Value;
use wxbot_tests::conformant::{Act, act, too_large};

pub(crate) struct Server {
    pub(crate) url: String,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
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
            let closed = gate.is_open.lock().unwrap();
            drop(gate.opened.wait_while(closed, |is_open| !*is_open).unwrap());
            write(&mut stream, &answer.to_string());
        }
        Act::Hang => drop(stream.read(&mut [0])), // until the caller has enough
        Act::Crash => {}
        Act::Garbage => respond(&mut stream, "{\"garbage\": true}"),
        Act::TooLarge => respond(&mut stream, &too_large().to_string()),
    }
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
