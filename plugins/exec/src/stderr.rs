//! What a process writes to stderr, in our log: so long a line, so many a throttle.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncRead;

use crate::lines::Lines;
use crate::log_throttle::LogThrottle;

/// Of a line that is shown, in bytes.
const MOST_BYTES: usize = 2 << 10;
/// Of the last line in an error.
const MOST_CHARS: usize = 200;

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
    let mut throttle = LogThrottle::new();
    while let Ok(Some(line)) = lines.next().await {
        let text = String::from_utf8_lossy(&line.text);
        let text = text.trim_end();
        if !text.is_empty() {
            last_line.set(text);
        }
        if let Some(left_out) = throttle.begin_next() {
            tracing::warn!(link, pid, left_out, "the process wrote more lines to stderr");
        }
        if throttle.has_room() {
            let is_cut = line.is_cut;
            tracing::info!(link, pid, text, is_cut, "stderr of the process");
        }
    }
    if let Some(left_out) = throttle.left_out() {
        tracing::warn!(link, pid, left_out, "the process wrote more lines to stderr");
    }
}
