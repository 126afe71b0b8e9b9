//! What must come back: an HTTP 200, and in it the text that was expected.

use anyhow::{Context, Result, ensure};
use httparse::{EMPTY_HEADER, Header, Response, Status};
use memchr::memmem;
use std::ops::Range;

use crate::cipher::Cipher;
use crate::message::{ACCOUNT, Mode, TOKEN, now, openid, sign, text};

/// Every so many safe answers one is decrypted; of the others the envelope is looked at.
const SAMPLE: u64 = 1_000;

/// What is expected of a server.
pub(crate) struct Expected {
    pub(crate) mode: Mode,
    pub(crate) says: Says,
}

pub(crate) enum Says {
    /// The echo of the message.
    WhatItHeard,
    /// Always the echo of message 0.
    TheSame,
}

impl Expected {
    /// An error when `body` is not the answer to message `number`.
    pub(crate) fn check(&self, number: u64, body: &[u8]) -> Result<()> {
        let text = match self.says {
            Says::WhatItHeard => text(number),
            Says::TheSame => text(0),
        };
        let right = match self.mode {
            Mode::Plain => holds(body, &text),
            Mode::Safe if number.is_multiple_of(SAMPLE) => holds(opened(body)?.as_bytes(), &text),
            Mode::Safe => holds(body, "<Encrypt>"),
        };
        let said = || String::from_utf8_lossy(body);
        ensure!(right, "message {number} was answered with: {}", said());
        Ok(())
    }
}

/// Where the body lies in what was received, once all of it is there.
pub(crate) fn body(received: &[u8]) -> Result<Option<Range<usize>>> {
    let mut headers = [EMPTY_HEADER; 32];
    let mut response = Response::new(&mut headers);
    let Status::Complete(start) = response.parse(received)? else { return Ok(None) };
    let said = || String::from_utf8_lossy(received);
    ensure!(response.code == Some(200), "not a 200: {}", said());
    let end = start + content_length(response.headers)?;
    ensure!(received.len() <= end, "more than one answer: {}", said());
    Ok((received.len() == end).then_some(start..end))
}

/// The answer wxbot would give to message 0.
pub(crate) fn typical(mode: Mode) -> Result<String> {
    let (openid, text, timestamp) = (openid(0), text(0), now());
    let reply = format!(
        "<xml><ToUserName><![CDATA[{openid}]]></ToUserName>\
         <FromUserName><![CDATA[{ACCOUNT}]]></FromUserName>\
         <CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[{text}]]></Content></xml>"
    );
    if mode == Mode::Plain {
        return Ok(reply);
    }
    let (sealed, nonce) = (Cipher::new().seal(0, &reply), "1234567890");
    let signature = sign(&[TOKEN, &timestamp.to_string(), nonce, &sealed]);
    Ok(format!(
        "<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>\
         <MsgSignature><![CDATA[{signature}]]></MsgSignature>\
         <TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ))
}

fn content_length(headers: &[Header<'_>]) -> Result<usize> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let value = header.context("an answer without content-length")?.value;
    Ok(std::str::from_utf8(value)?.parse()?)
}

fn opened(body: &[u8]) -> Result<String> {
    let (_, rest) = std::str::from_utf8(body)?
        .split_once("<Encrypt><![CDATA[")
        .context("an answer without `Encrypt`")?;
    let (sealed, _) = rest.split_once("]]>").context("an `Encrypt` without end")?;
    Cipher::new().open(sealed)
}

fn holds(body: &[u8], part: &str) -> bool {
    memmem::find(body, part.as_bytes()).is_some()
}
