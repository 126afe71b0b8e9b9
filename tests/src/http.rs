//! HTTP over a plain socket: what is sent is what the test says, byte for byte.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than anything the server lets last.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// For example 200.
    pub status: u16,
    /// The header lines, as they came.
    pub head: String,
    /// As text.
    pub body: String,
}

impl Response {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// GETs a path with its query.
pub fn get(to: SocketAddr, path: &str) -> Response {
    request(to, "GET", path, "", b"")
}

/// POSTs a body.
pub fn post(to: SocketAddr, path: &str, body: impl AsRef<[u8]>) -> Response {
    let body = body.as_ref();
    let headers = format!("Content-Type: text/xml\r\nContent-Length: {}\r\n", body.len());
    request(to, "POST", path, &headers, body)
}

/// Sends one request with these header lines on a connection of its own.
#[track_caller]
pub fn request(to: SocketAddr, method: &str, path: &str, headers: &str, body: &[u8]) -> Response {
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{headers}\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    raw(to, &bytes).expect("the server answers")
}

/// Sends bytes and reads one response.
pub fn raw(to: SocketAddr, bytes: &[u8]) -> io::Result<Response> {
    let mut stream = connect(to)?;
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(bytes);
    read_response(&mut stream)
}

/// A connection that does not wait for ever.
pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one response from a connection that may stay open.
pub fn read_response(stream: &mut impl Read) -> io::Result<Response> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        read_more(stream, &mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut body = bytes.split_off(head_end + 4);
    let mut response = Response { status: status(&head)?, head, body: String::new() };
    let length = response.header("content-length").and_then(|length| length.parse().ok());
    while body.len() < length.unwrap_or(0) {
        read_more(stream, &mut body)?;
    }
    response.body = String::from_utf8_lossy(&body).into_owned();
    Ok(response)
}

fn read_more(stream: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut chunk = [0; 16 * 1024];
    match stream.read(&mut chunk)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => {
            bytes.extend_from_slice(&chunk[..read]);
            Ok(())
        }
    }
}

fn status(head: &str) -> io::Result<u16> {
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other(format!("no status in `{head}`")))
}
