//! A server of files that may hang up early.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What a server has of a file: the bytes, and how many of the last it never sends.
pub(super) type File = (Vec<u8>, usize);

/// Serves files by their names.
pub(super) fn serve(file: impl Fn(&str) -> Option<File> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let file = Arc::new(file);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let file = Arc::clone(&file);
            thread::spawn(move || answer(stream, &*file));
        }
    });
    address
}

fn answer(mut stream: TcpStream, file: &dyn Fn(&str) -> Option<File>) {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let name = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    // A client that hung up needs no answer.
    let _ = match file(name.trim_start_matches('/')) {
        None => stream.write_all(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        Some((bytes, missing)) => {
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
            let sent = &bytes[..bytes.len().saturating_sub(missing)];
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent))
        }
    };
}
