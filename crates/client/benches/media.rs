//! How much memory a file takes on its way to WeChat and back, over loopback.
//!
//! `cargo bench -p wxbot-client --bench media --profile dev` prints the rise of the process's peak
//! memory; optimisation makes no difference to it.

#![allow(clippy::unwrap_used)] // whatever fails, there is nothing to measure

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::{fs, thread};

use wxbot_client::{Client, HttpSettings, Reqwest, Settings, Timeouts, TokenKind};
use wxbot_sdk::api::{Api, Call, Fetched, FileContent, FileStream, MediaKind, Upload};
use wxbot_sdk::clock::Clock;

const MB: usize = 1 << 20;
const PIECE: usize = 64 << 10;
/// What WeChat takes, and ten times that.
const SIZES: [usize; 2] = [10 * MB, 100 * MB];

#[tokio::main]
async fn main() {
    let client = client(serve());
    client.get("/warm").await.unwrap();
    let folder = std::env::temp_dir().join(format!("wxbot-media-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    println!("{:<24} {:>8} {:>12}", "way", "file", "peak rises");
    for size in SIZES {
        let (from, to) = (folder.join("from.mp4"), folder.join("to.mp4"));
        write(&from, size);
        let up = async |content| drop(client.upload(upload(content)).await.unwrap());
        measure("upload from a file", size, up(FileContent::file(&from).await.unwrap())).await;
        measure("download into a file", size, async {
            assert_eq!(opened(&client, size).await.save(&to).await.unwrap(), size as u64);
        })
        .await;
        measure("upload from memory", size, async { up(vec![b'x'; size].into()).await }).await;
        measure("download into memory", size, async {
            assert_eq!(opened(&client, size).await.whole().await.unwrap().len(), size);
        })
        .await;
    }
    fs::remove_dir_all(folder).unwrap();
}

async fn measure(way: &str, size: usize, transfer: impl Future<Output = ()>) {
    // Forgets the peak so far.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS:");
    transfer.await;
    let rises = memory("VmHWM:").saturating_sub(before);
    println!("{way:<24} {:>5} MB {rises:>9} KB", size / MB);
}

/// In KB.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn write(path: &Path, size: usize) {
    let mut file = fs::File::create(path).unwrap();
    (0..size / PIECE).for_each(|_| file.write_all(&[b'x'; PIECE]).unwrap());
}

fn upload(content: FileContent) -> Upload {
    let (filename, content_type) = ("tea.mp4".into(), "video/mp4".into());
    Upload { kind: MediaKind::Video, filename, content_type, content }
}

async fn opened(client: &Client, size: usize) -> FileStream {
    let call = Call::get("/file").with("bytes", size.to_string());
    match client.fetch(call, size as u64).await.unwrap() {
        Fetched::File(file) => file,
        other => panic!("{other:?}"),
    }
}

fn client(api_base: String) -> Client {
    let settings = Settings {
        account: "main".into(),
        app_id: Some("wx0123456789abcdef".into()),
        app_secret: Some("secret".to_owned().into()),
        token: TokenKind::Stable,
        timeouts: Timeouts::default(),
    };
    let transport = Reqwest::new(&HttpSettings { api_base, ..HttpSettings::default() }).unwrap();
    let store = wxbot_store::open("memory:").unwrap();
    Client::new(&settings, store, Clock::system(), Arc::new(transport))
}

/// Starts a server that has one piece in memory at a time.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer_all(stream.unwrap()));
        }
    });
    base
}

fn answer_all(mut stream: TcpStream) {
    let mut requests = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if requests.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_lowercase();
        let number = |before: &str| -> Option<u64> {
            let (_, behind) = head.split_once(before)?;
            behind.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        let body = number("content-length: ").unwrap_or(0);
        std::io::copy(&mut (&mut requests).take(body), &mut std::io::sink()).unwrap();
        match number("bytes=") {
            Some(bytes) => send_file(&mut stream, bytes as usize),
            None => send_json(&mut stream),
        }
    }
}

fn send_file(stream: &mut TcpStream, bytes: usize) {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length";
    write!(stream, "{head}: {bytes}\r\n\r\n").unwrap();
    (0..bytes / PIECE).for_each(|_| stream.write_all(&[b'x'; PIECE]).unwrap());
}

/// For every other call.
fn send_json(stream: &mut TcpStream) {
    let json = r#"{"access_token":"token","expires_in":7200,"media_id":"M1"}"#;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{json}", json.len()).unwrap();
}
