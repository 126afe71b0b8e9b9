//! What a process writes to stderr, in our log: so long a line, so many a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::time::Instant;

use crate::lines::Lines;

/// Of a line that is shown, in bytes.
const MOST_BYTES: usize = 2 << 10;
/// Of the last line in an error.
const MOST_CHARS: usize = 200;
/// Lines in a second; what is more is counted.
const MOST_LINES: u32 = 50;

/// The last line that a process wrote, shared with whoever says how it ended.
#[derive(Clone, Default)]
pub(crate) struct LastLine(Arc<Mutex<String>>);

impl LastLine {
    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, line: &str) {
        let line = line.chars().take(MOST_CHARS).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

/// Logs each line until the stream ends.
pub(crate) async fn log(
    stream: impl AsyncRead + Unpin,
    link: String,
    pid: u32,
    last_line: LastLine,
) {
    let mut lines = Lines::new(stream, MOST_BYTES);
    let mut second = Second { began: Instant::now(), lines: 0 };
    while let Ok(Some(line)) = lines.next().await {
        let text = String::from_utf8_lossy(&line.text);
        let text = text.trim_end();
        if !text.is_empty() {
            last_line.set(text);
        }
        if let Some(left_out) = second.begin_next() {
            tracing::warn!(link, pid, left_out, "the process wrote more lines to stderr");
        }
        if second.has_room() {
            let is_cut = line.is_cut;
            tracing::info!(link, pid, text, is_cut, "stderr of the process");
        }
    }
    if let Some(left_out) = second.left_out() {
        tracing::warn!(link, pid, left_out, "the process wrote more lines to stderr");
    }
}

/// A second, and the lines in it.
struct Second {
    began: Instant,
    lines: u32,
}

impl Second {
    /// Begins the next one if it is time, and tells what was left out in this one.
    fn begin_next(&mut self) -> Option<u32> {
        if self.began.elapsed() < Duration::from_secs(1) {
            return None;
        }
        let left_out = self.left_out();
        *self = Self { began: Instant::now(), lines: 0 };
        left_out
    }

    fn has_room(&mut self) -> bool {
        self.lines = self.lines.saturating_add(1);
        self.lines <= MOST_LINES
    }

    fn left_out(&self) -> Option<u32> {
        self.lines.checked_sub(MOST_LINES).filter(|left_out| *left_out > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lines_of_a_second_have_a_bound() {
        let mut second = Second { began: Instant::now(), lines: 0 };
        let shown = (0..60).filter(|_| second.has_room()).count();
        assert_eq!((shown, second.begin_next()), (50, None));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(second.begin_next(), Some(10));
        assert!(second.has_room());
        assert_eq!(second.left_out(), None);
    }
}
