//! The handler of the conformance suite as a child process: one JSON line each way.

use std::io::{BufRead, stdin};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use wxbot_tests::conformant::{Act, act, too_large};

/// Its argument is a file: while there is none, answers that come later wait.
fn main() {
    let gate = std::env::args().nth(1).expect("the path of a file");
    for line in stdin().lock().lines() {
        let line = line.expect("a line is UTF-8");
        let asked: Value = serde_json::from_str(&line).expect("a line is JSON");
        let id = asked["id"].clone();
        let text = asked["message"]["content"].as_str().unwrap_or_default();
        match act(text, &asked["session"]) {
            Act::Answer(answer) => write(answer, &id),
            Act::Later(notice, answer) | Act::Callback(notice, answer) => {
                write(json!({ "later": notice }), &id);
                let gate = gate.clone();
                thread::spawn(move || {
                    while !Path::new(&gate).exists() {
                        thread::sleep(Duration::from_millis(5));
                    }
                    write(answer, &id);
                });
            }
            Act::Hang => {}
            Act::Crash => std::process::exit(3),
            Act::Garbage => write(json!({ "garbage": true }), &id),
            Act::TooLarge => write(too_large(), &id),
        }
    }
}

fn write(mut answer: Value, id: &Value) {
    answer["id"] = id.clone();
    println!("{answer}");
}
