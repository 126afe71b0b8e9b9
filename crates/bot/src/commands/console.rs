//! Asks the running bot, over its console listener.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::bail;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use wxbot_server::ConsoleSettings;

/// The console is on this machine, or near it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    /// What the next page is asked for with, percent-encoded.
    pub(super) next_page: Option<String>,
    pub(super) body: String,
}

/// Makes one request without a body; `None` when nobody listens.
pub(super) fn ask(
    console: &ConsoleSettings,
    method: &str,
    path: &str,
) -> Result<Option<Answer>, Error> {
    exchange(console, method, path, "")
}

/// POSTs this; `None` when nobody listens.
pub(super) fn post(
    console: &ConsoleSettings,
    path: &str,
    body: &str,
) -> Result<Option<Answer>, Error> {
    exchange(console, "POST", path, body)
}

/// Asks for one page of a list after the other. Returns whether there is a bot that runs.
pub(super) fn each_page<T: DeserializeOwned>(
    console: &ConsoleSettings,
    path: &str,
    mut read: impl FnMut(Vec<T>),
) -> Result<bool, anyhow::Error> {
    let (mut next_path, mut is_first) = (path.to_owned(), true);
    loop {
        match ask(console, "GET", &next_path)? {
            Some(Answer { status: 200, next_page, body }) => {
                read(serde_json::from_str(&body)?);
                let Some(next) = next_page else { return Ok(true) };
                next_path = format!("{path}from={next}");
            }
            Some(answer) => bail!("the running bot says: {}", answer.body.trim()),
            None if is_first => return Ok(false),
            None => bail!("the running bot ended meanwhile"),
        }
        is_first = false;
    }
}

fn exchange(
    console: &ConsoleSettings,
    method: &str,
    path: &str,
    body: &str,
) -> Result<Option<Answer>, Error> {
    let mut stream = match TcpStream::connect_timeout(&console.listen, PATIENCE) {
        Ok(stream) => stream,
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    let token = console
        .token
        .as_ref()
        .map(|token| format!("Authorization: Bearer {}\r\n", token.expose_secret()));
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: {}\r\nX-Wxbot: 1\r\nContent-Length: {}\r\n{}\r\n",
        console.listen,
        body.len(),
        token.unwrap_or_default()
    );
    stream.write_all(head.as_bytes())?;
    // Who refuses early may have closed before it has read everything.
    let _ = stream.write_all(body.as_bytes());
    let mut response = String::new();
    stream.read_to_string(&mut response).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            Error::other(format!("the running bot did not answer within {PATIENCE:?}"))
        }
        _ => error,
    })?;
    read(&response).map(Some)
}

fn read(response: &str) -> Result<Answer, Error> {
    let no_http = || Error::other("what listens there does not speak HTTP");
    let (head, body) = response.split_once("\r\n\r\n").ok_or_else(no_http)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("X-Next-Page").then(|| value.trim().to_owned())
    };
    let next_page = head.lines().find_map(header);
    Ok(Answer { status: status.ok_or_else(no_http)?, next_page, body: body.to_owned() })
}
