//! Lines of a stream, none longer than a bound.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// So much is read at once.
const CHUNK: usize = 8 << 10;

/// Splits a stream into lines. Waiting for the next one may be broken off.
pub(crate) struct Lines<R> {
    stream: R,
    most: usize,
    /// What was read and is not a line yet.
    buffer: Vec<u8>,
    /// Whether what is left of the line is dropped.
    is_cut: bool,
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: Vec<u8>,
    /// It was longer than that.
    pub(crate) is_cut: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(stream: R, most: usize) -> Self {
        Self { stream, most, buffer: Vec::new(), is_cut: false }
    }

    /// `None` at the end. Empty lines are none.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(Some(line));
            }
            self.buffer.reserve(CHUNK);
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                let rest = std::mem::take(&mut self.buffer);
                return Ok((!rest.is_empty()).then(|| self.line(rest)));
            }
        }
    }

    fn take_line(&mut self) -> Option<Line> {
        loop {
            let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') else {
                self.cut();
                return None;
            };
            let rest = self.buffer.split_off(end + 1);
            let mut text = std::mem::replace(&mut self.buffer, rest);
            text.pop();
            if self.is_cut || !text.trim_ascii().is_empty() {
                return Some(self.line(text));
            }
        }
    }

    /// Of a line that is too long, only the start is kept.
    fn cut(&mut self) {
        if self.buffer.len() > self.most {
            self.is_cut = true;
            self.buffer.truncate(self.most);
        }
    }

    fn line(&mut self, mut text: Vec<u8>) -> Line {
        let is_cut = std::mem::take(&mut self.is_cut) || text.len() > self.most;
        text.truncate(self.most);
        Line { text, is_cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_have_a_bound() {
        let table: &[(&str, &[(&str, bool)])] = &[
            ("", &[]),
            ("a\n\nb\r\n \nc", &[("a", false), ("b\r", false), ("c", false)]),
            ("12345678\n123456789\nx\n", &[("12345678", false), ("12345678", true), ("x", false)]),
            ("123456789", &[("12345678", true)]),
        ];
        for (text, expected) in table {
            let mut lines = Lines::new(text.as_bytes(), 8);
            for (text, is_cut) in *expected {
                let line = Line { text: text.as_bytes().to_vec(), is_cut: *is_cut };
                assert_eq!(lines.next().await.unwrap(), Some(line));
            }
            assert_eq!(lines.next().await.unwrap(), None, "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_line_without_an_end_costs_no_memory() {
        let endless = tokio::io::repeat(b'x').take(10 << 20);
        let mut lines = Lines::new(endless, 1 << 10);
        let line = lines.next().await.unwrap().unwrap();
        assert_eq!((line.text.len(), line.is_cut), (1 << 10, true));
        assert!(lines.buffer.capacity() < 64 << 10, "{}", lines.buffer.capacity());
    }
}
